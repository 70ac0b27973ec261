import NodeCore
import NodeLocation

@testable import PlaceGPSD

/// What comes from whoever listens where gpsd would. The input's last byte says where the rest is cut.
enum GPSDReports {
    @Sendable static func check(_ input: [UInt8]) throws {
        let wire = Array(input.dropLast())
        var cuts = Cuts(input.suffix(1))
        let whole = lines(wire) { wire.count }
        expect(lines(wire) { cuts.next() } == whole, "in pieces it is the same")
        for line in whole {
            guard case .fixes(let fixes)? = try? JSON.decode(GPSDReport.self, from: line) else { continue }
            for fix in fixes {
                expect(abs(fix.latitude) <= 90 && abs(fix.longitude) <= 180, "a place is on Earth")
                expect(fix.accuracy >= 0 && fix.accuracy.isFinite && fix.time >= 0, "a measure is one")
                let others = [fix.altitude, fix.speed, fix.heading].compactMap { $0 }
                expect(others.allSatisfy(\.isFinite), "whatever is told can be written as JSON")
            }
        }
    }

    private static func lines(_ wire: [UInt8], cut: () -> Int) -> [[UInt8]] {
        var lines = GPSDLines()
        var left = wire[...]
        var found: [[UInt8]] = []
        while !left.isEmpty {
            let piece = left.prefix(cut())
            left = left.dropFirst(piece.count)
            // Nobody fuzzes with so much that a line could be too long.
            found += lines.take(Array(piece)) ?? []
        }
        return found
    }
}
