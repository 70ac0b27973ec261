import LinuxIO
import NodeMedia

@testable import ClipChannel

/// What `clawnode-encode` and who has started it tell each other.
enum EncoderMessages {
    @Sendable static func check(_ input: [UInt8]) throws {
        guard let message = EncoderMessage(input) else { return }
        let bytes = message.bytes
        // Words are cut, and may not have been UTF-8; after that nothing changes.
        guard let again = EncoderMessage(bytes) else { return expect(false, "what is read can be written") }
        expect(again.bytes == bytes, "a message that is sent is the same")
        expect(bytes.count <= max(input.count * 4, 4_100), "a message does not grow")
        guard case .order(let order) = message, let layout = RingLayout(order.plan) else { return }
        expect(layout.size >= 0 && layout.size < 1 << 40, "a ring has a size")
        var end = 0
        for slot in 0..<layout.frameSlots {
            expect(layout.frame(slot).lowerBound >= end, "slots do not overlap")
            end = layout.frame(slot).upperBound
        }
        for slot in 0..<layout.soundSlots {
            expect(layout.sound(slot).lowerBound >= end, "slots do not overlap")
            end = layout.sound(slot).upperBound
        }
        expect(end <= layout.size, "slots lie within the ring")
    }
}
