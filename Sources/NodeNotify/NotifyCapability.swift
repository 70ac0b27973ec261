import DBus
import LinuxIO
import NodeCore

/// The `notify` family: off until the owner switches it on, because it puts a stranger's words before whoever is at the machine.
package enum NotifyCapability {
    package static let name = "notify"
    package static let summary = "A gateway may show notifications to whoever is at this machine."
    package static let manual: [(name: CommandName, summary: String)] = [(SystemNotify.name, SystemNotify.summary)]
    package static let commands = manual.map(\.name)

    /// What a worker of somebody's session has of it: the desktop, and no other way. `bus` is the session's.
    package static func desktop(bus: BusAddress?, loop: EventLoop) -> Capability {
        let command = SystemNotify(desktop: DesktopNotices(address: bus, loop: loop), terminals: nil)
        return Capability(name: name, handlers: [Handler(command)])
    }

    /// `bus` is the session's, where there is one.
    package static func capability(bus: BusAddress?, loop: EventLoop) -> Capability {
        let command = SystemNotify(desktop: DesktopNotices(address: bus, loop: loop)) {
            SystemNotify.onTerminals($0)
        }
        return Capability(name: name, handlers: [Handler(command)])
    }
}
