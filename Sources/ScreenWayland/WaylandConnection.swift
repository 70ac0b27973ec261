import LinuxIO
import NodeScreen

/// A conversation with a Wayland compositor. One asks at a time. What is told of its screens is heeded whatever is read.
actor WaylandConnection {
    struct Global: Equatable, Sendable {
        /// The compositor's number for it.
        let number: UInt32
        let interface: String
        let version: UInt32
    }

    /// Objects that are there from the beginning, or that we make first.
    private enum Name {
        static let display: UInt32 = 1
        static let registry: UInt32 = 2
    }

    nonisolated let name: String
    private nonisolated let link: SessionLink
    private(set) var globals: [Global] = []
    /// By the compositor's numbers, as far as it was asked what there are.
    private(set) var outputs: [UInt32: WaylandOutput] = [:]
    /// What tells more of them, where it is offered.
    private var describer: UInt32?
    /// Names are given in their order and never again, so that what comes too late for an object is for none.
    private var lastID = Name.registry
    /// Those that wait to be taken.
    private var events: [WaylandEvent] = []
    /// More of them than any compositor has reason to send before it is asked for more.
    private static let backlog = 4_096

    private init(_ link: SessionLink) {
        name = link.name
        self.link = link
    }

    deinit { link.close() }

    /// Nil when nobody listens at `path`.
    static func open(_ path: String, name: String, on loop: EventLoop) async throws(ScreenError) -> WaylandConnection? {
        guard let link = try SessionLink.connect(path, name: name, on: loop) else { return nil }
        let connection = WaylandConnection(link)
        try await connection.begin()
        return connection
    }

    private func begin() async throws(ScreenError) {
        // wl_display.get_registry
        try await send(WaylandRequest(Name.display, 1, [Name.registry]))
        try await roundTrip()
        describer = try await bind("zxdg_output_manager_v1", upTo: 3)?.object
        // All of that has been heeded, and nobody waits for anything yet.
        events = []
    }

    /// What its screens are now, by the compositor's numbers.
    func currentOutputs() async throws(ScreenError) -> [UInt32: WaylandOutput] {
        for _ in 0..<Self.mostRounds {
            for global in newScreens {
                let object = try await bind(global, upTo: 4)
                var details: UInt32?
                if let describer {
                    // get_xdg_output
                    let id = makeID()
                    try await send(WaylandRequest(describer, 1, [id, object]))
                    details = id
                }
                outputs[global.number] = WaylandOutput(object: object, details: details)
            }
            try await roundTrip()
            if newScreens.isEmpty { return outputs }
        }
        throw .failed(name, reason: "it has new screens without end")
    }

    /// While one is asked about, another one may be plugged in.
    private static let mostRounds = 10

    private var newScreens: [Global] { globals.filter { $0.interface == "wl_output" && outputs[$0.number] == nil } }

    /// A name for something that we make there: by the very next request.
    func makeID() -> UInt32 {
        lastID += 1
        return lastID
    }

    /// Our name for what the compositor offers, and the version that is spoken with it; nil where it does not offer that.
    func bind(
        _ interface: String, upTo version: UInt32
    ) async throws(ScreenError) -> (object: UInt32, version: UInt32)? {
        guard let global = globals.first(where: { $0.interface == interface }) else { return nil }
        return (try await bind(global, upTo: version), min(version, global.version))
    }

    private func bind(_ global: Global, upTo version: UInt32) async throws(ScreenError) -> UInt32 {
        let id = makeID()
        // wl_registry.bind
        let kind = WaylandRequest.words(global.interface) + [min(version, global.version), id]
        try await send(WaylandRequest(Name.registry, 0, [global.number] + kind))
        return id
    }

    /// `descriptor` is the one that stands among the request's arguments.
    func send(_ request: WaylandRequest, descriptor: CInt? = nil) async throws(ScreenError) {
        try await link.send(request.wire, descriptor: descriptor)
    }

    func send(_ requests: [WaylandRequest]) async throws(ScreenError) {
        if !requests.isEmpty { try await link.send(requests.flatMap(\.wire)) }
    }

    /// Waits until the compositor has done what it was asked, and told what there was to tell of it.
    func roundTrip() async throws(ScreenError) {
        let callback = makeID()
        // wl_display.sync
        try await send(WaylandRequest(Name.display, 0, [callback]))
        try await link.inTime { () async throws(ScreenError) in
            while try await self.receive() != callback {}
        }
    }

    /// The next event, nil when there was none within `limit`.
    func next(within limit: Duration) async throws(ScreenError) -> WaylandEvent? {
        if events.isEmpty {
            _ = try await link.within(limit) { () async throws(ScreenError) in try await self.receive() }
        }
        return takeEvent()
    }

    /// What was told already and not been taken.
    func takeEvent() -> WaylandEvent? { events.isEmpty ? nil : events.removeFirst() }

    /// Reads one, which then waits to be taken: nothing is lost with a wait that is cut short. Gives the object that it is of.
    private func receive() async throws(ScreenError) -> UInt32 {
        let event = try await link.event()
        let complaint: String?
        do throws(WaylandFlaw) { complaint = try heed(event) } catch { throw link.malformed }
        if let complaint { throw .failed(name, reason: "it has ended the conversation: \(complaint)") }
        guard events.count < Self.backlog else { throw link.malformed }
        events.append(event)
        return event.object
    }

    /// What the compositor has against us; nil unless it has.
    private func heed(_ event: WaylandEvent) throws(WaylandFlaw) -> String? {
        switch (event.object, event.opcode) {
        case (Name.display, 0): return try event.text(2).text
        case (Name.registry, 0):
            let (interface, words) = try event.text(1)
            globals.append(
                Global(number: try event.number(0), interface: interface, version: try event.number(1 + words)))
        case (Name.registry, 1):
            let number = try event.number(0)
            globals.removeAll { $0.number == number }
            outputs[number] = nil
        default:
            for number in Array(outputs.keys) {
                if try outputs[number]?.take(event) == true { break }
            }
        }
        return nil
    }

    nonisolated var malformed: ScreenError { link.malformed }
}
