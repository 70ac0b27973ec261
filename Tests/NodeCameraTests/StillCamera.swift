import LinuxIO
import NodeCamera
import NodeCore
import NodeMedia
import NodeTesting
import Synchronization

/// A driver with one camera that always does the same, and remembers what it was asked.
final class StillCamera: CameraDriver, Camera {
    private let result: Result<Image, CameraError>
    private let infos: [CameraInfo]
    private let asked = Mutex<[(id: String?, request: StillRequest?)]>([])

    init(result: Result<Image, CameraError> = .success(.sample), id: String = "fake") {
        self.result = result
        infos = [CameraInfo(id: id, name: "A fake", deviceType: "fake")]
    }

    /// The ids that `open` was called with.
    var opened: [String?] { asked.withLock { $0.filter { $0.request == nil }.map(\.id) } }
    var requests: [StillRequest] { asked.withLock { $0.compactMap(\.request) } }

    func cameras() async throws(CameraError) -> [CameraInfo] { infos }

    func open(_ id: CameraInfo.ID?) async throws(CameraError) -> any Camera {
        asked.withLock { $0.append((id, nil)) }
        guard id == nil || id == infos[0].id else { throw .notFound(id ?? "", known: infos.map(\.id)) }
        return self
    }

    func still(_ request: StillRequest) async throws(CameraError) -> Image {
        asked.withLock { $0.append((nil, request)) }
        return try result.get()
    }

    func film<R: Sendable>(
        _ request: FilmRequest, _ body: @Sendable (ClipPlan.Video, FrameSequence) async throws -> R
    ) async throws -> R {
        throw CameraError.noFrame(infos[0].id)
    }
}

/// A driver without any camera, or that fails the same way whatever is asked.
struct NoCameras: CameraDriver {
    var error: CameraError?

    func cameras() async throws(CameraError) -> [CameraInfo] {
        if let error { throw error }
        return []
    }

    func open(_ id: CameraInfo.ID?) async throws(CameraError) -> any Camera {
        if let error { throw error }
        if let id { throw .notFound(id, known: []) }
        throw .noCamera
    }
}

/// Hands the image's bytes on, and tells what it was asked through the picture's size: `byteLimit` as width, `quality` in percent as height.
struct EchoEncoder: ImageEncoder {
    var error: MediaError?

    func jpeg(
        _ image: Image, maxWidth: Int, quality: Double, byteLimit: Int
    ) throws(MediaError) -> EncodedImage {
        if let error { throw error }
        do throws(Errno) {
            let file = try MemoryFile(name: "test")
            try file.append(image.bytes)
            try file.seal()
            return EncodedImage(file: file, width: byteLimit, height: Int((quality * 100).rounded()))
        } catch { throw .system(error) }
    }
}

extension CameraCapability {
    /// Without clips.
    static func capability(driver: any CameraDriver, encoder: any ImageEncoder) -> Capability {
        capability(
            driver: driver, encoder: encoder,
            recorder: ClipRecorder(
                encoder: MissingClipEncoder(), microphone: PreparedMicrophone(opening: .noSource)))
    }
}

private struct MissingClipEncoder: ClipEncoder {
    func find() throws(ClipError) { throw .noEncoder(package: "none") }

    func encode(
        _ plan: ClipPlan, _ feed: @Sendable (any ClipTrack) async throws -> Void
    ) async throws -> EncodedClip {
        throw ClipError.noEncoder(package: "none")
    }
}

extension Image {
    static let sample = Image(width: 4, height: 2, format: .mjpeg, bytes: [1, 2, 3, 4], capturedAt: .now)
}

extension InvocationContext {
    static let test = InvocationContext(
        id: "1", deadline: nil, payloadLimit: 25 << 20, timekeeper: HandClock(), log: .silent)
}
