import NodeCore

/// The `device` family: on from the start, because it tells nothing that is private.
package enum DeviceCapability {
    package static let name = "device"
    package static let summary = "A gateway may ask what this machine is, and how it is."
    package static let manual: [(name: CommandName, summary: String)] = [
        (DeviceInfo.name, DeviceInfo.summary), (DeviceStatus.name, DeviceStatus.summary),
        (DeviceHealth.name, DeviceHealth.summary), (DevicePermissions.name, DevicePermissions.summary),
    ]
    package static let commands = manual.map(\.name)

    /// `language` is the value of `LANG`, the system's default when nil; `failedUnits` names the services that have failed, where
    /// somebody knows; `state` tells whether a capability may be used.
    package static func capability(
        facts: MachineFacts, language: String?, machine: MachineFiles = MachineFiles(),
        failedUnits: @escaping @Sendable () async -> [String]?,
        state: @escaping @Sendable (_ capability: String, InvocationContext) async -> CapabilityState
    ) -> Capability {
        Capability(
            name: name,
            handlers: [
                Handler(DeviceInfo(facts: facts, locale: languageTag(language))),
                Handler(DeviceStatus(facts: facts, machine: machine)),
                Handler(DeviceHealth(machine: machine, failedUnits: failedUnits)),
                Handler(DevicePermissions(capability: state)),
            ])
    }

    /// `de_AT.UTF-8@euro` as gateways write it: `de-AT`. The C locale is American English.
    package static func languageTag(_ language: String?) -> String {
        let name = (language ?? "").prefix { $0 != "." && $0 != "@" }
        if name.isEmpty || name == "C" || name == "POSIX" { return "en-US" }
        return String(name.map { $0 == "_" ? "-" : $0 })
    }
}
