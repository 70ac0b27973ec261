import Glibc
import LinuxIO
import NodeCore
import PracticeGateway
import Testing

/// With systemd's own journal, started for the test where nobody else sees it.
@Suite(.timeLimit(.minutes(5))) struct JournalTests {
    static let catalogue =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/systemd/clawnode.catalog"

    /// Runs `script`, in which `$0` is the program and `service` runs its words as a service of systemd's: with a stream to
    /// the journal for stdout and stderr. Gives what journalctl says then, asked with `question`.
    func journal(_ prompt: Prompt, _ script: String, question: String) async throws -> String {
        let preparation = """
            set -e
            mkdir -p /run/systemd/journald.conf.d /run/log/journal /run/catalog.d /run/catalog
            printf '[Journal]\\nStorage=volatile\\nReadKMsg=no\\nAudit=no\\n' >/run/systemd/journald.conf.d/test.conf
            cp "\(Self.catalogue)" /run/catalog.d/
            mount --bind /run/catalog.d /usr/lib/systemd/catalog
            mount --bind /run/catalog /var/lib/systemd/catalog
            journalctl --update-catalog
            /lib/systemd/systemd-journald 2>/dev/null & journald=$!
            trap 'kill $journald' EXIT
            until [ -S /run/systemd/journal/stdout ]; do sleep 0.05; done
            service() {
                exec systemd-cat sh -c 'JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec "$0" "$@"' "$@"
            }
            \(script)
            journalctl --sync
            journalctl -D /run/log/journal --no-pager SYSLOG_IDENTIFIER=clawnode \(question)
            """
        let words = try PrivateMount.words(mounting: "mode=755", at: "/run", then: preparation, [Stage.program])
        let out = try FileDescriptor(opening: prompt.scratch.file("out"), flags: O_WRONLY | O_CREAT, mode: 0o600)
        let shell = try ChildProcess.spawn(
            words[0], arguments: Array(words.dropFirst()), descriptors: [(out.raw, as: 1), (STDERR_FILENO, as: 2)],
            on: prompt.loop)
        defer { shell.signal(SIGKILL) }
        #expect(try await shell.wait() == .exited(0))
        return try prompt.read("out")
    }

    func files(_ prompt: Prompt) throws -> String {
        let file = try prompt.write("{}", to: "clawnode.json")
        return
            "--config \(file) --state-dir \(prompt.scratch.file("state")) --runtime-dir \(prompt.scratch.file("run"))"
    }

    @Test(
        "a service logs into the journal unasked, each field apart, and under the id that explains the message",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need))
    func service() async throws {
        try await Prompt.run { prompt in
            let script = """
                (service "$0" run \(try files(prompt))) & daemon=$!
                until grep -q not-joined \(prompt.scratch.file("run"))/status.json 2>/dev/null; do sleep 0.05; done
                kill -TERM $daemon
                wait $daemon
                """
            let entries = try await journal(prompt, script, question: "-o json").split(separator: "\n")
                .map { try JSONReader.read(Array($0.utf8)) }
            #expect(entries.allSatisfy { $0["_TRANSPORT"]?.string == "journal" })
            let started = try #require(entries.first)
            #expect(started["MESSAGE"]?.string?.hasPrefix("Started version=") == true)
            #expect(started["PRIORITY"]?.string == "6" && started["CLAWNODE_DEVICE"]?.string?.count == 64)
            let waiting = try #require(entries.first { $0["MESSAGE_ID"]?.string == MessageID.notJoined.rawValue })
            #expect(waiting["PRIORITY"]?.string == "4")
            #expect(waiting["CLAWNODE_RUN"]?.string?.hasPrefix("clawnode join ") == true)
            #expect(entries.last?["MESSAGE"]?.string == "Stopped")
        }
    }

    @Test(
        "where there is no journal, its lines go to stderr as systemd would take them from there",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need))
    func absent() async throws {
        try await Stage.run { stage in
            let words = try PrivateMount.words(
                mounting: "mode=755", at: "/run", then: "exec \"$0\" \"$@\"",
                [Stage.program, "run", "--log-format", "journal"])
            let daemon = try HeardProgram(Array(words.dropFirst()), program: words[0], on: stage)
            try await daemon.hear("\n<4>Not joined to a gateway run=\"clawnode join ")
            #expect(daemon.heard.hasPrefix("<6>Started version="))
            daemon.process.signal(SIGTERM)
            #expect(try await daemon.process.wait() == .exited(0))
        }
    }

    @Test(
        "journalctl -x explains why a service cannot start, however long the reason is",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need),
        // Twice in an entry, the longer one does not go into a datagram; nor does journalctl put it into its explanation.
        arguments: [(10, 2), (120_000, 1)])
    func explained(length: Int, times: Int) async throws {
        try await Prompt.run { prompt in
            let script = """
                name=$(head -c \(length) /dev/zero | tr '\\0' n)
                code=0; (service "$0" run --token-file "$name" \(try files(prompt))) || code=$?
                test $code = 64
                """
            let text = try await journal(prompt, script, question: "-x --all")
            let name = String(repeating: "n", count: length)
            #expect(text.contains("Subject: The node agent cannot start\n"), "\(text.prefix(2000))")
            #expect(text.contains("clawnode ended before it had begun"))
            #expect(text.split(separator: "\n").count { $0.contains(name) } == times)
        }
    }
}
