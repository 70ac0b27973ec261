import Testing

@testable import Gateway

/// Which dialect a gateway speaks and where it listens (goclaw-gateway §6.3).
@Suite struct DialectSearchTests {
    private static let start = ContinuousClock.now

    private static let waits: [(setting: DialectSetting, path: String, known: Dialect?, wait: Duration?)] = [
        (.auto, "/", nil, .milliseconds(2_000)), (.auto, "/ws", nil, .milliseconds(750)),
        (.auto, "/gate/ws", nil, .milliseconds(750)), (.auto, "/", .goclaw, .milliseconds(750)),
        (.auto, "/", .openclaw, nil), (.auto, "/ws", .openclaw, nil), (.goclaw, "/", nil, .zero),
        (.goclaw, "/", .openclaw, .zero), (.openclaw, "/ws", .goclaw, nil),
    ]

    @Test("a greeting is waited for as long as a wrong guess would cost", arguments: waits)
    func challengeWait(_ sample: (setting: DialectSetting, path: String, known: Dialect?, wait: Duration?)) {
        #expect(DialectSearch(sample.setting, path: sample.path, known: sample.known).challengeWait == sample.wait)
    }

    private static let paths: [(setting: DialectSetting, path: String, known: Dialect?, dialled: String)] = [
        (.auto, "/", nil, "/"), (.auto, "/", .openclaw, "/"), (.auto, "/", .goclaw, "/ws"), (.goclaw, "/", nil, "/ws"),
        (.goclaw, "/gate", nil, "/gate"), (.openclaw, "/", .goclaw, "/"), (.auto, "/gate", .goclaw, "/gate"),
    ]

    @Test("GoClaw listens at /ws where no other path is given", arguments: paths)
    func path(_ sample: (setting: DialectSetting, path: String, known: Dialect?, dialled: String)) throws {
        let search = DialectSearch(sample.setting, path: sample.path, known: sample.known)
        let endpoint = try GatewayEndpoint("ws://127.0.0.1:18790" + sample.path)
        #expect(endpoint.path(for: search.dialled) == sample.dialled)
    }

    @Test(
        "a server without a WebSocket at / is tried once more at /ws, in each cycle anew",
        arguments: [200, 400, 404, 426])
    func elsewhere(_ status: Int) {
        var search = DialectSearch(.auto, path: "/", known: nil)
        for _ in 0..<2 {
            search.begin()
            #expect(search.dialled == nil)
            #expect(search.refused(status: status) == true)
            #expect(search.dialled == .goclaw)
            #expect(search.challengeWait == .milliseconds(750))
            #expect(search.refused(status: status) == false)
        }
    }

    @Test("what says nothing of paths, or is no place for GoClaw, is not tried elsewhere")
    func nowhereElse() {
        for (setting, path, known, status) in [
            (DialectSetting.auto, "/", nil, 502), (.auto, "/", nil, 403), (.auto, "/gate", nil, 404),
            (.openclaw, "/", nil, 404), (.auto, "/", Dialect.openclaw, 404), (.goclaw, "/", nil, 404),
        ] as [(DialectSetting, String, Dialect?, Int)] {
            var search = DialectSearch(setting, path: path, known: known)
            search.begin()
            #expect(search.refused(status: status) == false, "\(setting) \(path) \(status)")
        }
    }

    @Test("the dialect changes once a cycle and twice an hour at most")
    func flipFlop() {
        var search = DialectSearch(.auto, path: "/", known: .goclaw)
        search.begin()
        #expect(search.mistaken(at: Self.start) == true)
        #expect(search.known == .openclaw)
        #expect(search.mistaken(at: Self.start) == false)
        search.begin()
        #expect(search.mistaken(at: Self.start + .seconds(60)) == true)
        #expect(search.known == .goclaw)
        search.begin()
        #expect(search.mistaken(at: Self.start + .seconds(120)) == false)
        search.begin()
        #expect(search.mistaken(at: Self.start + .seconds(3601)) == true)
    }

    @Test("what the owner has said is never doubted", arguments: [DialectSetting.goclaw, .openclaw])
    func fixed(_ setting: DialectSetting) {
        var search = DialectSearch(setting, path: "/", known: nil)
        search.begin()
        #expect(search.mistaken(at: Self.start) == false)
        #expect(search.isGoClaw == (setting == .goclaw))
    }

    @Test("a gateway of OpenClaw's that falls silent is doubted the second time")
    func silence() {
        var search = DialectSearch(.auto, path: "/", known: .openclaw)
        search.silent()
        #expect(search.known == .openclaw)
        search.confirmed(.openclaw)
        search.silent()
        #expect(search.known == .openclaw)
        search.silent()
        #expect(search.known == nil)
        #expect(search.challengeWait != nil)
    }

    @Test("a gateway's health is asked for until it is known what it speaks, and not again where it misled us")
    func health() {
        #expect(!DialectSearch(.goclaw, path: "/", known: nil).isOpen)
        #expect(!DialectSearch(.openclaw, path: "/", known: nil).isOpen)
        #expect(!DialectSearch(.auto, path: "/", known: .goclaw).isOpen)
        var search = DialectSearch(.auto, path: "/", known: nil)
        #expect(search.isOpen)
        search.silent()
        #expect(!search.isOpen)
        search.confirmed(.openclaw)
        for _ in 0..<2 { search.silent() }
        #expect(search.known == nil && search.isOpen)
    }

    @Test("where OpenClaw's gateway was and a page is now, the other path is tried from the third time on")
    func replaced() {
        var search = DialectSearch(.auto, path: "/", known: .openclaw)
        for isTried in [false, false, true] {
            search.begin()
            #expect(search.refused(status: 200) == isTried)
        }
    }
}
