import LinuxIO
import NodeScreen
import NodeTesting
import Testing

@testable import ScreenX11

@Suite("Access to an X server", .timeLimit(.minutes(2)))
struct X11AccessTests {
    private static let cookie = "00112233445566778899aabbccddeeff"

    /// The file as xauth writes it.
    private static func authority(
        _ folder: ScratchFolder, _ name: String, display: String, cookie: String, on loop: EventLoop
    ) async throws -> String {
        let path = folder.file(name)
        try StateFile.write(path, [], durable: false)
        let child = try ChildProcess.spawn(
            "/usr/bin/xauth", arguments: ["-q", "-f", path, "add", display, ".", cookie], on: loop)
        #expect(try await child.wait() == .exited(0))
        return path
    }

    @Test("a server is shown the cookie of its session, and who has another one is told what to do")
    func cookies() async throws {
        try await onEventLoop { loop in
            let folder = try ScratchFolder()
            // Servers look at the cookies, not at whose they are.
            let path = try await Self.authority(folder, "server", display: ":0", cookie: Self.cookie, on: loop)
            try await XServer.run(["-auth", path]) { server in
                let display = "\(server.display)"
                func driver(_ name: String, _ cookie: String) async throws -> X11Driver {
                    let file = try await Self.authority(folder, name, display: display, cookie: cookie, on: server.loop)
                    return X11Driver(
                        variables: ["DISPLAY": display, "XAUTHORITY": file], on: server.loop)
                }
                #expect(try await driver("right", Self.cookie).session() != nil)
                for driver in [try await driver("wrong", String(Self.cookie.reversed())), server.driver] {
                    do {
                        _ = try await driver.session()
                        Issue.record("it was let in")
                    } catch let error as ScreenError {
                        #expect(error.refusal.code == .permissionMissing)
                        #expect(error.refusal.message.contains("xhost +si:localuser:"), "\(error)")
                    }
                }
            }
        }
    }

    @Test("without a server this way leads nowhere, unless the owner has named it") func none() async throws {
        try await onEventLoop { loop in
            for display in [":64999", "elsewhere:0", "nonsense"] {
                let session = try await X11Driver(variables: ["DISPLAY": display], on: loop).session()
                #expect(session == nil)
            }
            await #expect(
                throws: ScreenError.failed("the X server :64999", reason: "nobody listens at /tmp/.X11-unix/X64999")
            ) { try await X11Driver(configured: ":64999", variables: [:], on: loop).session() }
            await #expect(
                throws: ScreenError.unsupported("the display x:1", reason: "screen.display is not like \":0\"")
            ) { try await X11Driver(configured: "x:1", variables: [:], on: loop).session() }
        }
    }

    @Test("a server that no variable names is found by whose it is") func found() async throws {
        try await XServer.run { server in
            #expect(X11Display.found().contains(server.display))
        }
    }

    @Test(
        "displays are read as every X program reads them",
        arguments: [
            (":0", ":0"), (":12.3", ":12.3"), ("unix:1", ":1"), (":1.0", ":1"), ("", nil), (":", nil), (":x", nil),
            ("host:0", nil), (":0.", nil), (":0.1.2", nil), (":-1", nil), (":99999", nil),
        ])
    func displays(text: String, read: String?) {
        #expect(X11Display(text)?.description == read)
    }

    private static func entry(_ family: Int, _ fields: String...) -> [UInt8] {
        fields.reduce([UInt8(family >> 8), UInt8(family & 0xFF)]) { $0 + [0, UInt8($1.utf8.count)] + $1.utf8 }
    }

    private static let kind = "MIT-MAGIC-COOKIE-1"

    @Test(
        "of all cookies the one of this machine and display is taken",
        arguments: [
            ([entry(256, "box", "0", kind, "a"), entry(256, "box", "1", kind, "b")], "b"),
            ([entry(256, "old", "1", kind, "a"), entry(256, "box", "1", kind, "b")], "b"),
            ([entry(256, "old", "1", kind, "a"), entry(65_535, "", "", kind, "b")], "b"),
            ([entry(256, "old", "1", kind, "a")], "a"),
            ([entry(0, "box", "1", kind, "a"), entry(256, "box", "1", "XDM-AUTHORIZATION-1", "b")], nil),
            ([Array(entry(256, "box", "1", kind, "a").dropLast())], nil),
            ([], nil),
        ] as [([[UInt8]], String?)])
    func entries(entries: [[UInt8]], taken: String?) {
        let cookie = X11Cookie(entries.flatMap { $0 }, display: 1, host: "box")
        #expect(cookie.map { String(decoding: $0.bytes, as: UTF8.self) } == taken)
    }
}
