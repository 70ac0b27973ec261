import Glibc
import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

/// `screen.record` by the built programs, with an X server and a sound server of Debian's.
@Suite("Recordings from end to end", .timeLimit(.minutes(5))) struct RecordingTests {
    /// The whole screen goes through sixteen greys, the darkest first, again and again.
    private static let greys = """
        while :; do
            for grey in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do
                xsetroot -solid "#${grey}8${grey}8${grey}8" || exit
                sleep 0.2
            done
        done
        """

    /// Which of them a row has; nil for anything else.
    private static func grey(_ row: [UInt8]) -> Int? {
        let mean = row.reduce(0) { $0 + Int($1) } / row.count
        return row.allSatisfy { abs(Int($0) - mean) < 8 } && abs(mean % 16 - 8) < 6 ? mean / 16 : nil
    }

    @Test("a recording has what the screen went through, and what the machine played meanwhile")
    func recording() async throws {
        try await Prompt.run { prompt in
            let sound = try await QuietServer.start(tone: 1_000, in: prompt.scratch, on: prompt.loop)
            defer { sound.process.signal(SIGKILL) }
            let display = try await VirtualDisplay.start(in: prompt.scratch, on: prompt.loop)
            let painter = try ChildProcess.spawn(
                "/bin/sh", arguments: ["-c", Self.greys],
                environment: ["DISPLAY": display.name, "PATH": "/usr/bin:/bin"], on: prompt.loop)
            let path = prompt.scratch.file("screen.mp4")
            let outcome: Result<Prompt.Ending, any Error>
            do {
                outcome = .success(
                    try await prompt.clawnode(
                        "invoke", "screen.record", #"{"durationMs":3000,"fps":10}"#, "--enable", "screen,microphone",
                        "--save", path,
                        variables: [
                            "DISPLAY": display.name, "PULSE_SERVER": sound.address,
                            "XDG_RUNTIME_DIR": prompt.scratch.path,
                        ]))
            } catch { outcome = .failure(error) }
            await painter.end()
            await display.end(on: prompt.loop)
            let ending = try outcome.get()
            #expect(ending.code == 0, "\(ending.talk)")
            #expect(ending.talk.contains("source=quiet.monitor for=screen.record"), "\(ending.talk)")
            let reply = try JSONReader.read(Array(ending.answer.utf8))
            #expect(reply["durationMs"]?.integer == 3_000 && reply["hasAudio"]?.bool == true)

            let footage = try await Footage(StateFile.read(path, limit: 1 << 24), in: prompt.scratch, on: prompt.loop)
            #expect(footage.codecs == ["h264", "aac"] && footage.isFastStart)
            #expect(abs(footage.duration - 3) < 0.05)
            try await Self.checkPictures(footage)
            try await Self.checkSound(footage)
        }
    }

    private static func checkPictures(_ footage: Footage) async throws {
        let seen = try await footage.light(ofRows: 40..<41).map(grey)
        #expect(seen.count == footage.times.count && (3...31).contains(seen.count))
        let greys = seen.compactMap { $0 }
        #expect(greys.count == seen.count, "\(seen)")
        // Each stays for a fifth of a second at least, and none comes back before all others were there.
        let steps = zip(greys, greys.dropFirst()).map { ($1 - $0 + 16) % 16 }
        #expect((2...16).contains(steps.reduce(0, +)), "\(greys)")
    }

    private static func checkSound(_ footage: Footage) async throws {
        let samples = try await footage.sound(rate: 48_000)
        // The server plays up to two seconds ahead, which no recording has, and so none begins before they are over.
        #expect(samples.count > 48_000 * 5 / 2)
        // A machine that is busy loses some of it, at the ends too, and a cut is no tone.
        let tones = stride(from: 0, to: samples.count - 4_800, by: 4_800).map { Array(samples[$0..<$0 + 4_800]) }
            .filter { Tone.level(of: $0) > -40 }.map { Tone.frequency(of: $0, rate: 48_000) }.sorted()
        try #require(tones.count >= 5, "\(tones.count) tenths of a second have sound")
        #expect(abs(tones[tones.count / 2] - 1_000) < 2, "\(tones)")
    }
}
