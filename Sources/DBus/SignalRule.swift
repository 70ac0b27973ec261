/// Which signals are wanted. By the sender's name the bus picks them out, also when another process takes that name over.
package struct SignalRule: Equatable, Sendable {
    package var sender: String
    package var interface: String
    /// Nil for all of the interface.
    package var member: String?

    package init(sender: String, interface: String, member: String? = nil) {
        self.sender = sender
        self.interface = interface
        self.member = member
    }

    /// As the bus is told of it (D-Bus specification, Match Rules).
    var text: String {
        "type='signal',sender='\(sender)',interface='\(interface)'" + (member.map { ",member='\($0)'" } ?? "")
    }

    /// The bus has looked at the sender, which sends under a name that it was given at the connection; but whoever addresses a
    /// signal to us gets it through. So what is done at one must do no harm.
    func isMet(by message: BusMessage) -> Bool {
        message.kind == .signal && message.interface == interface && (member == nil || message.member == member)
    }
}
