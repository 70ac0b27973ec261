import Glibc
import LinuxIO
import PracticeGateway
import Testing

@Suite("invoke --save") struct SaveTests {
    @Test("media go into the file that is named, even one that is no file, and the rest to stdout") func save()
        async throws
    {
        try await Prompt.run { prompt in
            _ = try prompt.write("{\"camera\": {\"pattern\": true}}", to: "clawnode.json")
            let target = try prompt.write("old, and longer than nothing", to: "target")
            #expect(symlink(target, prompt.scratch.file("photo.jpg")) == 0)
            let params = "{\"maxWidth\":320,\"delayMs\":0}"
            let snap = try await prompt.clawnode(
                "invoke", "camera.snap", params, "--enable=camera", "--save", prompt.scratch.file("photo.jpg"))
            #expect(snap.code == 0, "\(snap.talk)")
            let reply = try JSONReader.read(Array(snap.answer.utf8))
            #expect(reply["width"]?.integer == 320 && reply["base64"] == nil)
            // Through the link, which is still one.
            let jpeg = try StateFile.read(target)
            #expect(jpeg.starts(with: [0xFF, 0xD8]) && jpeg.suffix(2) == [0xFF, 0xD9])

            let nowhere = try await prompt.clawnode(
                "invoke", "camera.snap", params, "--enable", "camera", "--save", "/nonexistent/photo.jpg")
            #expect(nowhere.code == 73 && nowhere.talk.contains("/nonexistent/photo.jpg"))
            let whole = try await prompt.clawnode("invoke", "camera.snap", params, "--enable", "camera")
            #expect(try JSONReader.read(Array(whole.answer.utf8))["base64"]?.string?.isEmpty == false)
        }
    }

    @Test(
        "media for which there is no room are no file at all, nor is the one that they were to replace",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need))
    func saveOnFullDisk() async throws {
        try await Prompt.run { prompt in
            _ = try prompt.write("{\"camera\": {\"pattern\": true}}", to: "clawnode.json")
            let disk = prompt.scratch.file("disk")
            let script = """
                cd \(disk); echo old >old.jpg; ln -s old.jpg link.jpg
                for name in new old link; do
                    "$0" "$@" --save $name.jpg --config \(prompt.scratch.file("clawnode.json")); echo $?
                done
                ls
                """
            let words = try PrivateMount.words(
                mounting: "size=16k", at: disk, then: script,
                [Stage.program, "invoke", "camera.snap", "{\"delayMs\":0}", "--enable=camera"])
            let end = try await prompt.run(words[0], Array(words.dropFirst()))
            #expect(end.code == 0)
            // The link is its owner's, and stays.
            #expect(end.answer == "73\n73\n73\nlink.jpg\n")
            #expect(end.talk.contains("old.jpg cannot be written: No space left on device"))
        }
    }

    @Test("media go into a pipe, whoever is at its other end") func saveIntoPipe() async throws {
        try await Prompt.run { prompt in
            _ = try prompt.write("{\"camera\": {\"pattern\": true}}", to: "clawnode.json")
            let script = """
                mkfifo pipe; "$0" "$@" --save pipe >reply & cat pipe >picture; wait $!
                test -p pipe && "$0" "$@" --save /dev/stdout | cat >both
                """
            // Where no picture comes, nobody opens the pipe, and its reader waits until it is killed.
            let end = try await prompt.run(
                "/bin/sh",
                [
                    "-c", "cd \(prompt.scratch.path); " + script, Stage.program, "invoke", "camera.snap",
                    "{\"delayMs\":0}",
                    "--enable=camera", "--config", prompt.scratch.file("clawnode.json"),
                ])
            #expect(end.code == 0, "\(end.talk)")
            let picture = try StateFile.read(prompt.scratch.file("picture"))
            #expect(picture.starts(with: [0xFF, 0xD8]) && picture.suffix(2) == [0xFF, 0xD9])
            #expect(try JSONReader.read(Array(try prompt.read("reply").utf8))["width"]?.integer == 1280)
            #expect(try StateFile.read(prompt.scratch.file("both")).starts(with: [0xFF, 0xD8]))
        }
    }
}
