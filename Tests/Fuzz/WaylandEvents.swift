import NodeScreen

@testable import ScreenWayland

/// What comes from whoever listens where a compositor would. The input's last byte says how a screen hangs.
enum WaylandEvents {
    @Sendable static func check(_ input: [UInt8]) throws {
        guard let hanging = input.last else { return }
        var rest = input.dropLast()
        var output = WaylandOutput(object: 3, details: 4)
        var copies = [
            WaylandCopy(.screencopy(manager: 5, version: hanging & 8 == 0 ? 3 : 2), frame: 6),
            WaylandCopy(
                .capture(sources: 5, manager: 5), frame: 6, session: WaylandCopy.Session(source: 5, object: 7)),
        ]
        while let event = next(&rest) {
            // What is malformed ends the conversation.
            do throws(WaylandFlaw) {
                _ = try output.take(event)
                for index in copies.indices { try copies[index].take(event) }
            } catch { return }
            if let screen = output.output(1) {
                expect(screen.width > 0 && screen.height > 0 && screen.scale > 0, "a screen has a size")
            }
            for copy in copies { check(copy, hanging) }
        }
    }

    private static func next(_ rest: inout ArraySlice<UInt8>) -> WaylandEvent? {
        let header = Array(rest.prefix(WaylandEvent.headerLength))
        guard let length = try? WaylandEvent.length(header), length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(length) }
        guard let event = try? WaylandEvent(Array(rest.prefix(length))) else {
            expect(false, "what is as long as it says is an event")
            return nil
        }
        return event
    }

    private static func check(_ copy: WaylandCopy, _ hanging: UInt8) {
        guard let layout = copy.layout else { return }
        expect(layout.stride >= 4 * layout.width && layout.size <= 1 << 30, "a picture has a size")
        // Nobody fuzzes with large ones.
        guard layout.size <= 1 << 14, let transform = try? ScreenTransform(told: UInt32(hanging & 7)) else { return }
        let pixels = [UInt8](repeating: 7, count: layout.size)
        let seen = pixels.withUnsafeBytes {
            layout.upright($0, copy.transform ?? transform, isInverted: copy.isInverted)
        }
        expect(seen == [UInt8](repeating: 7, count: 4 * layout.width * layout.height), "every pixel is one")
    }
}
