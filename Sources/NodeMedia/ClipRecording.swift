import LinuxIO
import NodeCore

/// Feeds one clip with what a device shows and a microphone hears in its time.
struct ClipRecording: Sendable {
    let duration: Duration
    let pictures: any ClipPictures
    let sound: (any SoundStream)?
    /// How long the clip's beginning waits for the first sound. A sound server whose sink has no hardware plays up to two seconds ahead:
    /// so long its monitor has nothing for who comes meanwhile.
    let patience: Duration
    let timekeeper: any Timekeeper
    let log: Log

    /// Sound comes later than the picture of the same moment: on a machine that is busy encoding by most of a second. Only one that does
    /// not come at all is waited for as long as that.
    static let lag = Duration.seconds(1)

    private enum Part {
        case heard, fed, waited
    }

    /// Returns when the clip's time is over and all of it has been handed on.
    func run(into track: any ClipTrack) async throws {
        guard let sound else {
            try await show(try await begin(track), track)
            return
        }
        let queue = SoundQueue(sound.format)
        let begun = OneShot()
        try await withThrowingTaskGroup(of: Part.self) { group in
            defer { group.cancelAll() }
            // From now on: a device that nobody reads overruns.
            group.addTask {
                await hear(sound, queue, begun)
                return .heard
            }
            // It throws only when it is cancelled, and what comes next then does, too.
            _ = await timekeeper.within(patience) { try? await begun.fired() }
            // What a camera has encoded has waited since before there was sound.
            pictures.skipToKeyFrame()
            let beginning = try await begin(track)
            group.addTask {
                try await feed(queue, during: beginning.window, sound.format, track)
                return .fed
            }
            try await show(beginning, track)
            group.addTask {
                try await timekeeper.sleep(for: Self.lag)
                queue.finish()
                return .waited
            }
            while let part = try await group.next(), part != .fed {}
        }
    }

    // MARK: Pictures

    /// The encoder is waited for: of a clip that began before, those pictures would be missing for which there is no room meanwhile.
    private func begin(_ track: any ClipTrack) async throws -> (first: Image, window: ClipWindow) {
        try await track.ready()
        let first = try await pictures.next()
        return (first, ClipWindow(start: first.capturedAt, duration: duration))
    }

    private func show(_ beginning: (first: Image, window: ClipWindow), _ track: any ClipTrack) async throws {
        var isOver = try await hand(beginning.first, beginning.window, track)
        // Nobody has a picture any more when the next one is asked for: its memory may be taken for that.
        while !isOver { isOver = try await hand(try await pictures.next(), beginning.window, track) }
    }

    /// Returns whether the clip is over.
    private func hand(_ frame: Image, _ window: ClipWindow, _ track: any ClipTrack) async throws -> Bool {
        // One with an earlier time than the first does not end it: a driver may stamp its first frame later than those that follow.
        if window.isOver(at: frame.capturedAt) { return true }
        if pictures.areNeeded {
            // What comes meanwhile waits at the device.
            if try await !track.addNeeded(frame) { pictures.dropToKeyFrame() }
        } else {
            // A picture for which there is no room is left out.
            _ = track.add(frame)
        }
        return false
    }

    // MARK: Sound

    /// Reads the microphone until it is gone.
    private func hear(_ sound: any SoundStream, _ queue: SoundQueue, _ begun: OneShot) async {
        do throws(SoundError) {
            while true {
                queue.add(try await sound.next())
                begun.fire()
            }
        } catch {
            // Cancelled, the clip is over.
            if !Task.isCancelled {
                log.warning("The rest of the clip is silent", ["cause": error.refusal.message])
            }
            queue.finish()
            begun.fire()
        }
    }

    /// Returns when all sound of that time has been handed on, or none comes any more.
    private func feed(
        _ queue: SoundQueue, during window: ClipWindow, _ format: SoundFormat, _ track: any ClipTrack
    ) async throws(ClipError) {
        while let chunk = await queue.next() {
            if let part = window.part(of: chunk, format) { try await track.add(part) }
            let length = Double(chunk.samples.count / format.channels) / Double(format.sampleRate)
            if window.isOver(at: chunk.capturedAt + .seconds(length)) { return }
        }
    }
}
