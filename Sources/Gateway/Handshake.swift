import NodeCore
import NodeCrypto

/// The way from an open socket to `hello-ok` (openclaw-gateway §2.2), as a value: messages in, what to do out.
package struct Handshake: Sendable {
    enum Step: Sendable {
        case wait
        case send([UInt8])
        case welcome(Hello)
        case refused(GatewayRefusal)
        /// What answers us is a GoClaw gateway.
        case goclaw
        case foreign(ForeignFamily)
    }

    /// A gateway that does not keep to the protocol.
    package enum Fault: Error, Equatable, Sendable, CustomStringConvertible {
        case noNonce
        case badHello(String)

        package var description: String {
            switch self {
            case .noNonce: "connect challenge missing nonce"
            case .badHello(let reason): "the gateway's hello cannot be understood: \(reason)"
            }
        }
    }

    private enum State {
        case awaitingChallenge, awaitingHello
    }

    /// Whoever is not an OpenClaw gateway says less than that to let us in.
    private static let longestLoose = 16 << 10

    private let profile: NodeProfile
    private let identity: DeviceIdentity
    private let attempt: Reaction.Attempt
    private let requestID: String
    private let wallClockMs: @Sendable () -> Int
    private var state = State.awaitingChallenge

    init(
        profile: NodeProfile, identity: DeviceIdentity, attempt: Reaction.Attempt,
        requestID: String = SecureRandom.uuid(), wallClockMs: @escaping @Sendable () -> Int
    ) {
        self.profile = profile
        self.identity = identity
        self.attempt = attempt
        self.requestID = requestID
        self.wallClockMs = wallClockMs
    }

    mutating func receive(_ message: [UInt8]) throws -> Step {
        // What cannot be read now cannot be ours: gateways send events of their own at any time.
        guard let frame = IncomingFrame(tolerating: message) else {
            if case .jsonRPC? = try? TolerantFrame(message) { return .foreign(.jsonRPC) }
            return .wait
        }
        switch (state, frame) {
        case (.awaitingChallenge, .challenge(nonce: "", ts: 0)): return .foreign(.compat)
        case (.awaitingChallenge, .challenge(let nonce, let ts)):
            guard let nonce, !nonce.allSatisfy(\.isWhitespace) else { throw Fault.noNonce }
            state = .awaitingHello
            let signedAt = ts.flatMap { $0 >= 0 ? $0 : nil } ?? wallClockMs()
            let request = try ConnectRequest(
                id: requestID, profile: profile, identity: identity, credential: attempt.credential,
                signature: attempt.signature, challenge: Challenge(nonce: nonce, signedAt: signedAt))
            return .send(try JSON.encode(request))
        case (.awaitingHello, .response(let response)) where response.id == requestID:
            guard response.ok else {
                return .refused(
                    response.refusal ?? GatewayRefusal(code: "UNAVAILABLE", message: "refused without a reason"))
            }
            let loose = message.count <= Self.longestLoose ? try? TolerantFrame(message) : nil
            if case .response(let answer)? = loose, GoClawHello.isMeant(by: answer.payload) { return .goclaw }
            do throws(JSONFailure) { return .welcome(try Hello(response.payload)) } catch {
                guard let plain = loose?.asOpenClaw, let hello = try? Hello(plain) else {
                    throw Fault.badHello(error.description)
                }
                return .welcome(hello)
            }
        default: return .wait
        }
    }
}
