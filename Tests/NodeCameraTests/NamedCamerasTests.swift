import NodeMedia
import Synchronization
import Testing

@testable import NodeCamera

@Suite struct NamedCamerasTests {
    private let desk = StillCamera(id: "desk")
    private let yard = StillCamera(id: "yard")

    private func named(_ placements: CameraPlacement...) -> NamedCameras {
        NamedCameras(CameraSet([desk, yard]), placements)
    }

    private let door = CameraPlacement(
        alias: "door", device: "yard", position: .back, orientation: Orientation(turn: .quarter))

    @Test("the list has what the owner says beside what the driver knows") func list() async throws {
        let gone = CameraPlacement(alias: "gone", device: "elsewhere", position: .front)
        let all = try await named(gone, door).cameras()
        #expect(all.map(\.id) == ["desk", "yard"])
        #expect(all.map(\.alias) == [nil, "door"])
        #expect(all.map(\.position) == [.unknown, .back])
    }

    @Test("a camera is turned by whatever name it is asked for", arguments: ["door", "yard"])
    func turned(name: String) async throws {
        let camera = try await named(door).open(name)
        let image = try await camera.still(StillRequest(maxWidth: 900, warmUp: .exactly(.zero)))
        #expect(image.orientation == Orientation(turn: .quarter))
        // Wide enough for its height to be what is asked for as width.
        #expect(yard.requests.map(\.maxWidth) == [1600] && desk.requests.isEmpty)
    }

    @Test("others stay as they are, the default one too") func untouched() async throws {
        for name in ["desk", nil] {
            let image = try await named(door).open(name).still(StillRequest(maxWidth: 900, warmUp: .exactly(.zero)))
            #expect(image.orientation == .upright)
        }
        #expect(desk.requests.map(\.maxWidth) == [900, 900])
    }

    @Test("the default camera is turned too when it is the one that is placed") func standard() async throws {
        let mirror = CameraPlacement(alias: "m", device: "desk", orientation: Orientation(isMirrored: true))
        let image = try await named(mirror).open(nil).still(StillRequest(maxWidth: 900, warmUp: .exactly(.zero)))
        #expect(image.orientation == Orientation(isMirrored: true))
    }

    @Test("what is not there is named, with the ids and aliases that are") func missing() async {
        let gone = CameraPlacement(alias: "gone", device: "elsewhere")
        await #expect(throws: CameraError.notFound("elsewhere", known: ["desk", "yard"])) {
            try await named(gone).open("gone")
        }
        await #expect(throws: CameraError.notFound("dor", known: ["desk", "yard", "door"])) {
            try await named(door).open("dor")
        }
    }

    /// Counts how often somebody is looked for.
    private final class CountingDriver: CameraDriver {
        let camera = StillCamera(id: "desk")
        let searches = Mutex(0)

        func cameras() async throws(CameraError) -> [CameraInfo] {
            searches.withLock { $0 += 1 }
            return try await camera.cameras()
        }

        func open(_ id: CameraInfo.ID?) async throws(CameraError) -> any Camera {
            searches.withLock { $0 += 1 }
            return try await camera.open(id)
        }

        func open(
            _ id: CameraInfo.ID?, among names: [CameraInfo.ID]
        ) async throws(CameraError) -> (camera: any Camera, names: [CameraInfo.ID]) {
            (try await open(id), names.filter { $0 == "desk" })
        }
    }

    @Test("however many cameras are named, one search finds the one that is asked for", arguments: [nil, "desk", "d"])
    func oneSearch(name: String?) async throws {
        let driver = CountingDriver()
        let mirrored = Orientation(isMirrored: true)
        let others = ["a", "b", "c"].map { CameraPlacement(alias: $0, device: "not plugged in") }
        let own = CameraPlacement(alias: "d", device: "desk", orientation: mirrored)
        let image = try await NamedCameras(driver, others + [own]).open(name)
            .still(StillRequest(maxWidth: 900, warmUp: .exactly(.zero)))
        #expect(image.orientation == mirrored)
        #expect(driver.searches.withLock { $0 } == 1)
    }

    @Test("positions are the owner's to say, else the driver's to know") func positions() async {
        #expect(await named(door).camera(at: .back) == "door")
        #expect(await named(door).camera(at: .front) == nil)
    }
}
