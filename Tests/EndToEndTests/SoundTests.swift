import Glibc
import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

@Suite("Sound", .timeLimit(.minutes(5))) struct SoundTests {
    /// Three seconds of 1 kHz, which ALSA's own file plugin plays as fast as it is read; gives the variables of a place without a
    /// server.
    private static func tone(_ prompt: Prompt) throws -> [String: String] {
        let tone = Tone.samples(1_000, rate: 16_000, count: 48_000)
        try StateFile.write(prompt.scratch.file("tone.raw"), tone.withUnsafeBytes { Array($0) }, durable: false)
        let card = """
            </usr/share/alsa/alsa.conf>
            pcm.tone { type file slave.pcm null file /dev/null infile "\(prompt.scratch.file("tone.raw"))" format raw }
            """
        _ = try prompt.write("{\"audio\": {\"source\": \"tone\"}}", to: "clawnode.json")
        return ["ALSA_CONFIG_PATH": try prompt.write(card, to: "asound.conf"), "XDG_RUNTIME_DIR": prompt.scratch.path]
    }

    @Test("where no server runs, what ALSA's configuration describes is recorded to the sample") func alsa()
        async throws
    {
        try await Prompt.run { prompt in
            let variables = try Self.tone(prompt)
            let list = try await prompt.clawnode("invoke", "audio.list", "--enable", "microphone", variables: variables)
            #expect(list.answer.contains("\"id\":\"tone\""), "\(list.talk)")
            let wav = prompt.scratch.file("tone.wav")
            let record = try await prompt.clawnode(
                "invoke", "mic.record", "{\"durationMs\":1000,\"format\":\"wav\"}", "--enable", "microphone", "--save",
                wav, variables: variables)
            #expect(record.code == 0, "\(record.talk)")
            #expect(record.talk.contains("Microphone opened") && record.talk.contains("source=tone for=audio.record"))
            let samples = try #require(
                Tone.samples(ofWAV: try StateFile.read(wav), rate: 16_000, channels: 1))
            #expect(samples.count == 16_000)
            #expect(abs(Tone.frequency(of: samples, rate: 16_000) - 1_000) < 1)
            #expect(abs(Tone.level(of: samples) + 9.03) < 0.5)
            let unknown = try await prompt.clawnode(
                "invoke", "audio.record", "{\"deviceId\":\"null\"}", "--enable", "microphone", variables: variables)
            #expect(unknown.code == 1 && unknown.answer.contains("deviceId is one of: "))
        }
    }

    @Test("with an encoder the usual file is Opus, and every format is what it is called and holds the tone")
    func encoded() async throws {
        try await Prompt.run { prompt in
            let variables = try Self.tone(prompt)
            for (format, codec) in [("", "opus"), ("m4a", "aac"), ("flac", "flac")] {
                let file = prompt.scratch.file("tone.file")
                let params = "{\"durationMs\":2000" + (format.isEmpty ? "}" : ",\"format\":\"\(format)\"}")
                let record = try await prompt.clawnode(
                    "invoke", "audio.record", params, "--enable", "microphone", "--save", file, variables: variables)
                #expect(record.code == 0, "\(record.talk)")
                let probe = try await prompt.run(
                    "/usr/bin/ffprobe",
                    ["-v", "error", "-show_entries", "stream=codec_name:format=duration", "-of", "csv=p=0", file])
                let lines = probe.answer.split(separator: "\n")
                #expect(lines.first.map(String.init) == codec)
                #expect(abs((lines.last.flatMap { Double($0) } ?? 0) - 2) < 0.05, "\(probe.answer)")
                let raw = prompt.scratch.file("decoded")
                let decode = try await prompt.run(
                    "/usr/bin/ffmpeg",
                    ["-v", "error", "-y", "-i", file, "-ac", "1", "-ar", "16000", "-f", "s16le", raw])
                #expect(decode.code == 0)
                let bytes = try StateFile.read(raw)
                let samples = stride(from: 0, to: bytes.count - 1, by: 2).map {
                    Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
                }
                let middle = Array(samples[3_200..<28_800])
                #expect(abs(Tone.frequency(of: middle, rate: 16_000) - 1_000) < 1)
                #expect(abs(Tone.level(of: middle) + 9.03) < 0.5)
            }
        }
    }

    @Test("without any sound at all, that is said") func none() async throws {
        try await Prompt.run { prompt in
            let empty = try prompt.write("", to: "asound.conf")
            let variables = ["ALSA_CONFIG_PATH": empty, "XDG_RUNTIME_DIR": prompt.scratch.path]
            let record = try await prompt.clawnode(
                "invoke", "audio.record", "--enable=microphone", variables: variables)
            #expect(record.code == 1 && record.answer.contains("MIC_UNAVAILABLE"))
            let list = try await prompt.clawnode("invoke", "audio.list", "--enable=microphone", variables: variables)
            #expect(list.answer == "{\"sinks\":[],\"sources\":[]}\n")
            let off = try await prompt.clawnode("invoke", "audio.list", variables: variables)
            #expect(off.code == 1 && off.answer.contains("MIC_DISABLED") && off.answer.contains("--enable microphone"))
        }
    }

    @Test("while a microphone is open the status says so, a pause closes it, and then the status does not any more")
    func told() async throws {
        var options = Stage.open()
        options.allowedCommands.append("audio.record")
        try await Stage.run(options) { stage in
            let server = try await QuietServer.start(in: stage.scratch, on: stage.loop)
            defer { server.process.signal(SIGKILL) }
            try stage.configure("{\"capabilities\": {\"microphone\": true}}")
            let daemon = try stage.start(
                ["PULSE_SERVER=" + server.address, Stage.program, "run"] + stage.way(), program: "/usr/bin/env")
            defer { daemon.signal(SIGKILL) }
            var events = stage.gateway.events.reader()
            _ = try await stage.hello(&events)
            async let record = stage.gateway.invoke(
                "audio.record", params: "{\"deviceId\":\"quiet.monitor\",\"durationMs\":25000}")
            try await stage.status { $0.contains("a microphone is open: quiet.monitor, for audio.record") }
            #expect(stage.log.contains("Microphone opened"))
            let paused = try await stage.ask("pause", "microphone")
            #expect(paused.answer == "microphone is paused\n")
            #expect(!(await record).isSuccess)
            try await stage.status { !$0.contains("a microphone is open") }
            daemon.signal(SIGTERM)
            #expect(try await daemon.wait() == .exited(0), "\(stage.log)")
            await server.process.end()
        }
    }
}
