import Gateway
import LinuxIO
import NodeCore
import NodeCrypto
import NodeRuntime
import WebSocket

/// Gets the setup code behind a join link, which is good for this one time.
struct Redemption {
    private let invitation: JoinInvitation
    private let configuration: Configuration
    private let loop: EventLoop

    init(_ invitation: JoinInvitation, _ configuration: Configuration, on loop: EventLoop) {
        self.invitation = invitation
        self.configuration = configuration
        self.loop = loop
    }

    func setupCode() async throws(Failure) -> SetupCode {
        let answer: HTTPAnswer
        do throws(WebSocketError) {
            let dialer = GatewayDialer(
                [GatewayWay(to: invitation.endpoint, configuration)],
                trust: TLSTrust(pins: configuration.pins, caFile: configuration.caFile), loop: loop)
            answer = try await dialer.ask(.get(invitation.endpoint.path))
        } catch { throw failure(error) }
        do throws(JoinLinkError) {
            return try JoinInvitation.setupCode(
                status: answer.status, contentType: answer.value(of: "Content-Type"), body: answer.body,
                nowMs: WallClock.milliseconds, plaintext: configuration.plaintext)
        } catch { throw Failure(.badLink, error.description) }
    }

    private func failure(_ error: WebSocketError) -> Failure {
        switch error {
        case .tls(.untrusted(_, let presented)), .tls(.hostMismatch(_, let presented)):
            Failure(
                .unsuitableGateway,
                "the certificate behind \(invitation) is not trusted: \(error); compare its fingerprint with the gateway's own, "
                    + "then: \(configuration.owner.clawnode) join LINK --tls-fingerprint \(presented); or take the link's longer "
                    + "form, oc-pair://CODE, which brings it"
            )
        case .tls(.pinMismatch):
            Failure(.unsuitableGateway, "\(invitation) shows another certificate than it should: \(error)")
        case .tls(.outOfTime):
            Failure(
                .refused,
                "\(invitation) cannot be fetched: \(error); if it is the clock that is wrong: sudo timedatectl set-ntp true"
            )
        default:
            Failure(
                .refused,
                "\(invitation) cannot be reached: \(error); try again, and if it is used up by then, \(JoinLinkError.remedy)"
            )
        }
    }
}
