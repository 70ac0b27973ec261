import LinuxIO
import NodeCore
import NodeMedia

/// What the two processes tell each other; each message is one packet of the socket.
package enum EncoderMessage: Equatable, Sendable {
    /// The first word, with the ring's descriptor.
    case order(Order)
    /// `number` counts the frames that were offered, those without room too.
    case frame(slot: Int, bytes: Int, number: Int, at: MonotonicTime)
    case sound(slot: Int, samples: Int, at: MonotonicTime)
    /// Nothing more comes.
    case finish

    /// The encoder is set up, and is called that.
    case ready(encoder: String)
    case frameTaken(slot: Int)
    case soundTaken(slot: Int)
    /// There is no end in sight, but it gets nearer.
    case working
    /// With the file's descriptor.
    case done(Outcome)
    case failed(ClipError)

    package struct Order: Codable, Equatable, Sendable {
        package let plan: ClipPlan
        /// The encoder that has worked on this machine before.
        package let encoder: String?
        /// Whether it has done harm, so that software is to be tried first.
        package let avoidsHardware: Bool

        package init(_ plan: ClipPlan, encoder: String? = nil, avoidsHardware: Bool = false) {
            self.plan = plan
            self.encoder = encoder
            self.avoidsHardware = avoidsHardware
        }
    }

    package struct Outcome: Codable, Equatable, Sendable {
        package let nanoseconds: Int64
        package let frames: Int
        /// Came, and could not be decoded.
        package let unreadable: Int
        package let hasSound: Bool

        package init(duration: Duration, frames: Int, unreadable: Int, hasSound: Bool) {
            nanoseconds = Int64(duration / .nanoseconds(1))
            self.frames = frames
            self.unreadable = unreadable
            self.hasSound = hasSound
        }
    }

    private enum Kind: UInt8 {
        case order, frame, sound, finish, ready, frameTaken, soundTaken, working, done
        case noEncoder, encoderDied, unencodable, tooLarge, system, cancelled, busy, noMemory
    }

    package var bytes: [UInt8] {
        switch self {
        case .order(let order): Self.packed(.order, json: order)
        case .frame(let slot, let bytes, let number, let time):
            Self.packed(.frame, [Int64(slot), Int64(bytes), Int64(number), time.nanoseconds])
        case .sound(let slot, let samples, let time):
            Self.packed(.sound, [Int64(slot), Int64(samples), time.nanoseconds])
        case .finish: Self.packed(.finish)
        case .ready(let encoder): Self.packed(.ready, text: encoder)
        case .frameTaken(let slot): Self.packed(.frameTaken, [Int64(slot)])
        case .soundTaken(let slot): Self.packed(.soundTaken, [Int64(slot)])
        case .working: Self.packed(.working)
        case .done(let outcome): Self.packed(.done, json: outcome)
        case .failed(let error):
            switch error {
            case .noEncoder(let package): Self.packed(.noEncoder, text: package)
            case .encoderDied(let reason): Self.packed(.encoderDied, text: reason)
            case .unencodable(let reason): Self.packed(.unencodable, text: reason)
            case .tooLarge(let bytes, let limit): Self.packed(.tooLarge, [Int64(bytes), Int64(limit)])
            case .busy: Self.packed(.busy)
            case .noMemory(let bytes, let limit): Self.packed(.noMemory, [Int64(bytes), Int64(limit)])
            case .system(let error): Self.packed(.system, [Int64(error.code)])
            case .cancelled: Self.packed(.cancelled)
            }
        }
    }

    /// Nil for what none of us has written.
    package init?(_ bytes: [UInt8]) {
        guard let kind = bytes.first.flatMap(Kind.init(rawValue:)) else { return nil }
        let rest = bytes[1...]
        func numbers(_ count: Int) -> [Int64]? {
            guard rest.count == count * 8 else { return nil }
            return (0..<count).map { index in
                rest.dropFirst(index * 8).prefix(8).reversed().reduce(0) { $0 << 8 | Int64($1) }
            }
        }
        func slot(_ make: (Int) -> EncoderMessage) -> EncoderMessage? { numbers(1).map { make(Int($0[0])) } }
        var text: String { String(decoding: rest, as: UTF8.self) }
        let message: EncoderMessage?
        switch kind {
        // What cannot be read is nothing.
        case .order: message = (try? JSON.decode(Order.self, from: Array(rest))).map { .order($0) }
        case .done: message = (try? JSON.decode(Outcome.self, from: Array(rest))).map { .done($0) }
        case .frame:
            message = numbers(4).map {
                .frame(slot: Int($0[0]), bytes: Int($0[1]), number: Int($0[2]), at: MonotonicTime(nanoseconds: $0[3]))
            }
        case .sound:
            message = numbers(3).map {
                .sound(slot: Int($0[0]), samples: Int($0[1]), at: MonotonicTime(nanoseconds: $0[2]))
            }
        case .finish: message = .finish
        case .ready: message = .ready(encoder: text)
        case .frameTaken: message = slot { .frameTaken(slot: $0) }
        case .soundTaken: message = slot { .soundTaken(slot: $0) }
        case .working: message = .working
        case .noEncoder: message = .failed(.noEncoder(package: text))
        case .encoderDied: message = .failed(.encoderDied(text))
        case .unencodable: message = .failed(.unencodable(text))
        case .tooLarge: message = numbers(2).map { .failed(.tooLarge(bytes: Int($0[0]), limit: Int($0[1]))) }
        case .busy: message = .failed(.busy)
        case .noMemory: message = numbers(2).map { .failed(.noMemory(bytes: Int($0[0]), limit: Int($0[1]))) }
        case .system:
            message = numbers(1).flatMap { CInt(exactly: $0[0]) }.map { .failed(.system(Errno($0))) }
        case .cancelled: message = .failed(.cancelled)
        }
        guard let message else { return nil }
        self = message
    }

    private static func packed(_ kind: Kind, _ numbers: [Int64] = []) -> [UInt8] {
        var bytes = [kind.rawValue]
        bytes.reserveCapacity(1 + numbers.count * 8)
        for number in numbers {
            for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        return bytes
    }

    private static func packed(_ kind: Kind, text: String) -> [UInt8] {
        [kind.rawValue] + String(String.UnicodeScalarView(text.unicodeScalars.prefix(1_000))).utf8
    }

    private static func packed<T: Encodable>(_ kind: Kind, json: T) -> [UInt8] {
        // Numbers and names only. What cannot be written cannot be read either, and is refused there.
        [kind.rawValue] + ((try? JSON.encode(json)) ?? [])
    }
}
