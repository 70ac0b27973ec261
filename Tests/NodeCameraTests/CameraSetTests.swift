import NodeCamera
import Testing

@Suite("Camera set")
struct CameraSetTests {
    private let first = StillCamera(id: "first")
    private let second = StillCamera(id: "second")

    @Test("the cameras of all drivers are listed in their order")
    func list() async throws {
        #expect(try await CameraSet([first, second]).cameras().map(\.id) == ["first", "second"])
        #expect(try await CameraSet([]).cameras().isEmpty)
    }

    @Test("what one driver cannot list does not hide the others' cameras")
    func partly() async throws {
        let denied = NoCameras(error: .permission("/dev/video0", group: "video", user: "ada"))
        #expect(try await CameraSet([denied, second]).cameras().map(\.id) == ["second"])
        await #expect(throws: CameraError.permission("/dev/video0", group: "video", user: "ada")) {
            try await CameraSet([denied, NoCameras()]).cameras()
        }
    }

    @Test("a named camera is found in whichever driver has it")
    func named() async throws {
        let set = CameraSet([first, second])
        #expect(try await set.open("second") as? StillCamera === second)
        #expect(try await set.open("first") as? StillCamera === first)
    }

    @Test("the default is the first driver's, or the next one's when that has none or cannot")
    func standard() async throws {
        #expect(try await CameraSet([first, second]).open(nil) as? StillCamera === first)
        #expect(try await CameraSet([NoCameras(), second]).open(nil) as? StillCamera === second)
        let denied = NoCameras(error: .permission("/dev/video0", group: "video", user: "ada"))
        #expect(try await CameraSet([denied, second]).open(nil) as? StillCamera === second)
    }

    @Test("a name nobody knows is refused with all the names there are")
    func unknown() async {
        await #expect(throws: CameraError.notFound("x", known: ["first", "second"])) {
            try await CameraSet([first, NoCameras(), second]).open("x")
        }
        await #expect(throws: CameraError.noCamera) { try await CameraSet([NoCameras()]).open(nil) }
    }

    @Test("a driver that knows the camera but cannot open it is believed")
    func believed() async {
        await #expect(throws: CameraError.busy("/dev/video0")) {
            try await CameraSet([NoCameras(error: .busy("/dev/video0")), second]).open("video0")
        }
    }
}
