@testable import DBus

/// What comes from a message bus. The input's last byte says where the rest is cut.
enum BusMessages {
    @Sendable static func check(_ input: [UInt8]) throws {
        let wire = Array(input.dropLast())
        var cuts = Cuts(input.suffix(1))
        let whole = messages(wire) { wire.count }
        expect(messages(wire) { cuts.next() } == whole, "in pieces it is the same")
        for bytes in whole {
            // What was understood can be written, and is understood again.
            expect(try BusMessage.length(bytes[..<BusMessage.prefixLength]) == bytes.count, "a length is right")
            let again = try BusMessage.read(bytes[...])
            expect(again?.bytes == bytes, "what is written is read as it was")
        }
    }

    /// Each written anew; a number that is none is not the same as itself, but its bytes are.
    private static func messages(_ wire: [UInt8], cut: () -> Int) -> [[UInt8]] {
        var stream = BusStream()
        var left = wire[...]
        var found: [[UInt8]] = []
        while !left.isEmpty {
            let piece = left.prefix(cut())
            left = left.dropFirst(piece.count)
            piece.withUnsafeBytes { stream.append($0) }
            do throws(BusError) {
                while let message = try stream.next() { found.append(message.bytes) }
            } catch { return found }
        }
        return found
    }
}
