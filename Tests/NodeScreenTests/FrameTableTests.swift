import NodeMedia
import Testing

@testable import NodeScreen

@Suite("Frame table")
struct FrameTableTests {
    private let left = ScreenOutput(name: "DP-1", width: 10, height: 10)
    private let right = ScreenOutput(name: "DP-2", x: 10, width: 20, height: 10)

    @Test("an id names the screen as it was then") func known() {
        let table = FrameTable()
        let id = table.enter(right, at: .now)
        #expect(table.frame(id)?.output == right)
        #expect(table.frame("0") == nil)
    }

    @Test("the last sixteen of each screen are kept") func kept() {
        let table = FrameTable()
        let other = table.enter(right, at: .now)
        let ids = (0..<17).map { _ in table.enter(left, at: .now) }
        #expect(Set(ids).count == 17 && ids.allSatisfy { $0.count == 32 })
        #expect(table.frame(ids[0]) == nil)
        #expect(ids.dropFirst().allSatisfy { table.frame($0) != nil } && table.frame(other) != nil)
    }
}
