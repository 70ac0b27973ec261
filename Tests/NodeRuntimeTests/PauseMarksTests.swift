import Gateway
import LinuxIO
import NodeTesting
import Testing

@testable import NodeRuntime

@Suite struct PauseMarksTests {
    @Test("a mark stands until it is lifted, and is about one capability only") func marks() throws {
        let scratch = try ScratchFolder()
        // As after the first start of all: nothing is there yet.
        let marks = PauseMarks(directory: scratch.file("state"))
        #expect(!marks.isPaused("camera"))
        try marks.place("camera")
        try marks.place("camera")
        #expect(marks.isPaused("camera") && !marks.isPaused("screen") && marks.paused == ["camera"])
        try marks.lift("camera")
        try marks.lift("camera")
        #expect(!marks.isPaused("camera"))
    }

    @Test("where nobody can look, everything is paused") func unreadable() throws {
        let scratch = try ScratchFolder()
        try StateFile.write(scratch.file("state"), [])
        let marks = PauseMarks(directory: scratch.file("state"))
        #expect(marks.isPaused("camera") && marks.paused == Set(Family.all.filter(\.isPausable).map(\.name)))
        #expect(throws: StateError.self) { try marks.place("camera") }
        #expect(throws: StateError.self) { try marks.lift("camera") }
    }
}
