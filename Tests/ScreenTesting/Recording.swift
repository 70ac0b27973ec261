import ClipChannel
import CodecJPEG
import LinuxIO
import NodeCore
import NodeMedia
import NodeScreen
import NodeTesting

/// `screen.record` with a real driver and the real encoder.
package struct Recording: Sendable {
    private let reply: Reply
    private let folder: ScratchFolder
    private let loop: EventLoop

    /// Of what the first way shows. `looking` is fired once it waits for something to change.
    package static func make(
        _ driver: any ScreenDriver, _ params: String, looking: OneShot = OneShot(), in folder: ScratchFolder,
        on loop: EventLoop
    ) async throws -> Recording {
        let encoder = EncoderHost(variables: EnvironmentVariables.current(), on: loop, log: .silent)
        let capability = ScreenCapability.capability(
            screen: WarmScreen(drivers: [WatchedDriver(driver: driver, looking: looking)], timekeeper: loop),
            consoles: NoConsoles(), encoder: TurboJPEGEncoder(), pngEncoder: NoPNG(), converter: TurboJPEGConverter(),
            recorder: ClipRecorder(encoder: encoder, microphone: NoMicrophone()))
        guard let handler = capability.handlers.first(where: { $0.name == "screen.record" }) else {
            throw ScreenError.noSession
        }
        let limit = 25 << 20
        let context = InvocationContext(
            id: "1", deadline: nil, payloadLimit: limit, timekeeper: loop, log: .silent)
        let reply = await handler.perform(
            Invocation(id: "1", command: handler.name, params: Array(params.utf8), payloadLimit: limit), context)
        return Recording(reply: reply, folder: folder, loop: loop)
    }

    /// Why there is none; nil when there is one.
    package var refusal: Refusal? {
        if case .failure(let refusal) = reply.outcome { refusal } else { nil }
    }

    package var hasFile: Bool { reply.blob != nil }

    package var footage: Footage {
        get async throws {
            if let refusal { throw refusal }
            return try await Footage(try reply.blob?.file.bytes() ?? [], in: folder, on: loop)
        }
    }
}

/// Tells when somebody waits for a change.
private struct WatchedDriver: ScreenDriver, ScreenSession, Screen {
    let driver: any ScreenDriver
    let looking: OneShot
    var inner: (any ScreenSession)?
    var screen: (any Screen)?

    func session() async throws(ScreenError) -> (any ScreenSession)? {
        var watched = self
        watched.inner = try await driver.session()
        return watched.inner == nil ? nil : watched
    }

    func outputs() async throws(ScreenError) -> [ScreenOutput] { try await inner?.outputs() ?? [] }

    func open(_ output: ScreenOutput) async throws(ScreenError) -> any Screen {
        var watched = self
        watched.screen = try await inner?.open(output)
        return watched
    }

    func picture() async throws(ScreenError) -> Image {
        guard let screen else { throw .noSession }
        return try await screen.picture()
    }

    func change(lookingEvery interval: Duration) async throws(ScreenError) -> Image {
        guard let screen else { throw .noSession }
        looking.fire()
        return try await screen.change(lookingEvery: interval)
    }
}

private struct NoPNG: PNGEncoder {
    func png(_ image: Image, maxWidth: Int, byteLimit: Int) throws(MediaError) -> EncodedImage {
        throw .unsupported(image.format)
    }
}

private struct NoConsoles: TextConsoles {
    func text(of console: Int?) async throws(ConsoleError) -> ConsoleText { throw .noConsole }
}

private struct NoMicrophone: Microphone {
    func record<R: Sendable>(
        from id: String?, as wanted: SoundFormat, _ body: @Sendable (any SoundStream) async throws -> R
    ) async throws -> R {
        throw SoundError.noSource
    }
}
