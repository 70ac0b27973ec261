import DBus
import Gateway
import LinuxIO
import NodeConfiguration
import NodeCore
import NodeDevice
import NodeLocation
import PlaceGPSD
import PlaceGeoClue
import NodeNotify
import Worker

/// What this node does for whoever asks: its commands, where they are performed, and what it claims of them.
package struct Offer: Sendable {
    package let registry: CommandRegistry
    package let profile: NodeProfile
    package let workers: [WorkerHost]
    /// The workers that come by themselves; nil where none may.
    package let sessions: SessionWorkers?
    /// What gateways are told without asking.
    package let bulletins: [Bulletin]
    private let pauses: [(pause: PauseSwitch, family: Family, host: WorkerHost?)]

    /// With `refusesDisabled`, commands that are off answer how they are switched on; gateways are never told of them. With
    /// `admitsSessions` it listens for the workers of sessions, which one daemon can.
    package init(
        _ configuration: Configuration, _ surroundings: Surroundings, refusesDisabled: Bool = false,
        admitsSessions: Bool = false, loop: EventLoop, log: Log, workersChanged: @escaping @Sendable () -> Void = {}
    ) {
        let sessions =
            admitsSessions && !configuration.sessionUsers.isEmpty
            ? SessionWorkers(
                configuration.sessionUsers, directory: configuration.runtimeDirectory,
                variables: surroundings.variables, on: loop, log: log, changed: workersChanged) : nil
        self.sessions = sessions
        let facts = MachineFacts.read()
        var handlers: [Handler] = []
        var caps: [String] = []
        let on = Family.all.filter { configuration.enabled.contains($0.name) }
        let switches = Dictionary(
            uniqueKeysWithValues: on.filter(\.isPausable).map { ($0.name, PauseSwitch($0.name, configuration.owner)) })
        // One whose own commands are not offered may be used by another's.
        let programs = Set(on.compactMap(\.worker))
        let hosts = Dictionary(
            uniqueKeysWithValues: programs.map { program in
                let source = WorkerSource(of: program, configuration, surroundings)
                return (program, WorkerHost(source, on: loop, log: log, changed: workersChanged))
            })
        let names = on.map(\.name)
        let active = { @Sendable in Set(names.filter { switches[$0]?.isPaused != true }) }
        let forwarding = { @Sendable (name: CommandName, family: Family) -> Handler? in
            guard let host = family.worker.flatMap({ hosts[$0] }) else { return nil }
            let chosen = family.ofSession.contains(name) ? sessions : nil
            return Handler(forwarding: name, capabilities: active) { await chosen?.host() ?? host }
        }
        let state = { @Sendable (name: String, context: InvocationContext) async -> CapabilityState in
            guard let family = Family.all.first(where: { $0.name == name }) else { return CapabilityState.absent }
            guard configuration.enabled.contains(name) else {
                return .denied(reason: "it is off; " + family.remedy(configuration))
            }
            guard active().contains(name) else {
                return .denied(reason: "it is paused; \(Condition.paused(name, configuration.owner).remedy ?? "")")
            }
            guard let list = family.list.flatMap({ forwarding($0, family) }) else { return .on }
            let question = Invocation(id: context.id, command: list.name, payloadLimit: context.payloadLimit)
            let reply = await list.perform(question, context)
            guard case .failure(let refusal) = reply.outcome, refusal.code.isPermission else { return .on }
            return .denied(reason: refusal.message)
        }
        for family in Family.all {
            let isOn = configuration.enabled.contains(family.name)
            let offered = family.commands.filter { configuration.commands?.contains($0.text) ?? true }
            if isOn && !offered.isEmpty {
                caps.append(family.name)
                let all =
                    family.worker == nil
                    ? Self.handlers(family, configuration, surroundings, facts, state, sessions, loop)
                    : family.commands.compactMap { forwarding($0, family) }
                var own = all.filter { offered.contains($0.name) }
                if let pause = switches[family.name] { own = own.map(pause.guarding) }
                handlers += own
            } else if refusesDisabled {
                let refusal = family.disabled(configuration)
                handlers += family.commands.map { Handler(name: $0) { _, _ in .refused(refusal) } }
            }
        }
        registry = CommandRegistry(handlers)
        pauses = on.compactMap { family in
            switches[family.name].map { ($0, family, family.worker.flatMap { hosts[$0] }) }
        }
        workers = hosts.sorted { $0.key < $1.key }.map(\.value)
        let tellsPresence = configuration.tellsPresence && caps.contains(DeviceCapability.name)
        bulletins =
            (configuration.enabled.contains(DeviceCapability.name)
                ? [Self.hostStats(configuration.stateDirectory, loop)] : [])
            + (tellsPresence ? [PresenceActivity(variables: surroundings.variables, on: loop).bulletin] : [])
        var permissions = Dictionary(
            uniqueKeysWithValues: Family.all.filter { !$0.isOnByDefault }.map { ($0.name, caps.contains($0.name)) })
        // Without it gateways take nothing of presence (node-commands §19).
        if tellsPresence { permissions["accessibility"] = true }
        profile = NodeProfile(
            displayName: configuration.displayName ?? facts.prettyHostName ?? hostName(), version: nodeVersion,
            modelIdentifier: facts.model == "unknown" ? nil : facts.model, instanceID: configuration.instanceID,
            caps: caps, commands: handlers.map(\.name.text),
            permissions: permissions, locale: DeviceCapability.languageTag(surroundings.language))
    }

    /// As often as gateways expect it (openclaw-gateway §6.5).
    private static func hostStats(_ directory: String, _ timekeeper: any Timekeeper) -> Bulletin {
        let stats = HostStats(home: directory)
        return Bulletin("node.host.stats", every: .seconds(60)) { _ in await stats.json(timekeeper) }
    }

    /// Of what the daemon does itself.
    private static func handlers(
        _ family: Family, _ configuration: Configuration, _ surroundings: Surroundings, _ facts: MachineFacts,
        _ state: @escaping @Sendable (String, InvocationContext) async -> CapabilityState, _ sessions: SessionWorkers?,
        _ loop: EventLoop
    ) -> [Handler] {
        switch family.name {
        case LocationCapability.name:
            let drivers = configuration.location.drivers(variables: surroundings.variables, on: loop)
            return LocationCapability.capability(PlaceFinder(drivers)).handlers
        case NotifyCapability.name:
            let own = NotifyCapability.capability(bus: .session(variables: surroundings.variables), loop: loop)
            return own.handlers.map { handler in sessions.map { handler.after($0) } ?? handler }
        default:
            let units = FailedUnits(SystemBus(variables: surroundings.variables, on: loop))
            return DeviceCapability.capability(
                facts: facts, language: surroundings.language, failedUnits: { await units.names() }, state: state
            ).handlers
        }
    }

    /// Serves all but these capabilities from now on, and tells what has changed. What has just been paused lets go of its
    /// devices: its worker is dismissed.
    func heed(_ paused: Set<String>) async -> [(capability: String, isPaused: Bool)] {
        var changes: [(String, Bool)] = []
        for (pause, family, host) in pauses {
            let isPaused = paused.contains(pause.capability)
            guard isPaused != pause.isPaused else { continue }
            pause.set(isPaused: isPaused)
            if isPaused {
                await host?.dismiss()
                if !family.ofSession.isEmpty { await sessions?.dismiss() }
            }
            changes.append((pause.capability, isPaused))
        }
        return changes
    }

    /// Looks after the workers until cancelled.
    package func runWorkers() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in workers { group.addTask { try await worker.run() } }
            if let sessions { group.addTask { try await sessions.run() } }
            // Also without any worker this runs like every service: until it is cancelled.
            group.addTask { try await OneShot().fired() }
            try await group.waitForAll()
        }
    }

    /// The reply to one invocation that no gateway asks for, its worker looked after meanwhile. Throws `CancellationError` only.
    package func perform(_ invocation: Invocation, on loop: EventLoop, log: Log) async throws -> Reply {
        let (replies, arrived) = AsyncStream.makeStream(of: Reply.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runWorkers() }
            await registry.perform(invocation, timekeeper: loop, log: log) { arrived.yield($0) }
            group.cancelAll()
            guard let reply = await replies.first(where: { _ in true }) else { throw CancellationError() }
            return reply
        }
    }
}

extension Handler {
    /// Itself where no session's worker succeeds.
    fileprivate func after(_ sessions: SessionWorkers) -> Handler {
        Handler(name: name) { invocation, context in
            if let host = await sessions.host() {
                let reply = await host.perform(invocation, context)
                if case .success = reply.outcome { return reply }
            }
            return await perform(invocation, context)
        }
    }
}

extension LocationConfiguration {
    /// The ways to know where this machine is that are to be tried, in the order in which they are believed.
    package func drivers(variables: [String: String], on loop: EventLoop) -> [any PlaceDriver] {
        let gpsd: [any PlaceDriver] = gpsd.map { [GPSDDriver($0, on: loop)] } ?? []
        let geoClue: [any PlaceDriver] = asksGeoClue ? [GeoClueDriver(variables: variables, on: loop)] : []
        let fixed: [any PlaceDriver] = fixed.map { [$0] } ?? []
        return gpsd + geoClue + fixed
    }
}

extension Condition {
    package static func paused(_ capability: String, _ owner: NodeOwner) -> Condition {
        Condition(
            id: capability + "-paused", severity: .note, summary: "\(capability) is paused",
            remedy: "\(owner.clawnode) resume \(capability)")
    }
}

extension WorkerSource {
    /// Where the workers called `program` come from, as configured.
    package init(of program: String, _ configuration: Configuration, _ surroundings: Surroundings) {
        if let path = configuration.mediaSocket {
            self = .socket(path: path, name: program)
        } else {
            var worker = WorkerProgram(
                name: program, arguments: configuration.workerArguments, variables: surroundings.variables)
            if let owner = DirectoryOwner(besideRoot: configuration.stateDirectory) {
                // As the daemon would, whose user it is: what decodes the pictures of cameras is not root.
                worker.owner = owner
                // It looks where ours was found, and not where that user's own would be.
                worker.environment["CONFIGURATION_DIRECTORY"] = ConfigurationFile.folder(of: configuration.file)
            }
            self = .program(worker)
        }
    }
}
