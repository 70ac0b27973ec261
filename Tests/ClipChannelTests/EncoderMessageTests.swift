import LinuxIO
import NodeMedia
import Testing

@testable import ClipChannel

@Suite struct EncoderMessageTests {
    static let messages: [EncoderMessage] = [
        .order(.init(Studio.plan(sound: SoundFormat(sampleRate: 16_000, channels: 1)), encoder: "libx264")),
        .order(.init(Studio.plan(), avoidsHardware: true)),
        .frame(slot: 3, bytes: 70_000, number: 1 << 40, at: MonotonicTime(nanoseconds: -1)),
        .sound(slot: 14, samples: 1, at: MonotonicTime(nanoseconds: .max)),
        .finish, .ready(encoder: ""), .ready(encoder: "h264_vaapi"), .frameTaken(slot: 0), .soundTaken(slot: 255),
        .working,
        .done(.init(duration: .milliseconds(1_234), frames: 7, unreadable: 2, hasSound: true)),
        .failed(.noEncoder(package: "p")), .failed(.encoderDied("gone")), .failed(.unencodable("Ünwell")),
        .failed(.tooLarge(bytes: 17 << 20, limit: 16 << 20)), .failed(.system(Errno(28))), .failed(.cancelled),
        .failed(.busy),
        .failed(.noMemory(bytes: 500 << 20, limit: 400 << 20)),
    ]

    @Test("each message is read as it was written", arguments: messages)
    func roundTrip(message: EncoderMessage) {
        #expect(EncoderMessage(message.bytes) == message)
    }

    @Test("a message that is cut short, or too long, is none", arguments: messages)
    func cut(message: EncoderMessage) {
        let bytes = message.bytes
        #expect(EncoderMessage([]) == nil)
        #expect(EncoderMessage([200]) == nil)
        switch message {
        case .ready, .failed(.noEncoder), .failed(.encoderDied), .failed(.unencodable): break
        case .finish, .working, .failed(.cancelled): break
        default: #expect(EncoderMessage(Array(bytes.dropLast())) == nil)
        }
    }

    @Test("a very long reason is cut, so that it can be sent")
    func longReason() {
        let message = EncoderMessage.failed(.unencodable(String(repeating: "x", count: 100_000)))
        #expect(message.bytes.count < MessageSocket.maxMessage)
    }
}
