import NodeCore
import Testing

@Suite struct NodeOwnerTests {
    @Test(
        "a node is the machine's where its state or status is in the machine's places, and else some user's",
        arguments: [
            ("/var/lib/clawnode", NodeOwner.machine), ("/var/lib/clawnode/gateway.json", .machine),
            ("/run/clawnode/status.json", .machine), ("/var/lib/clawnode2", .user),
            ("/home/pi/.local/state/clawnode", .user), ("/run/user/1000/clawnode", .user), ("state", .user),
        ])
    func places(path: String, owner: NodeOwner) {
        #expect(NodeOwner(ofStateAt: path) == owner)
    }

    @Test("what a worker says to run is said to whoever owns the node")
    func addressed() {
        func remedy(_ owner: NodeOwner, _ remedy: String?) -> String? {
            owner.addressed(Condition(id: "microphone-open", severity: .note, summary: "", remedy: remedy)).remedy
        }
        #expect(remedy(.machine, "clawnode pause microphone") == "sudo clawnode pause microphone")
        #expect(remedy(.user, "clawnode pause microphone") == "clawnode pause microphone")
        #expect(remedy(.machine, "sudo apt install x") == "sudo apt install x" && remedy(.machine, nil) == nil)
    }

    @Test("the lines for the machine's node begin with sudo, those for a user's speak to that user's manager")
    func lines() {
        #expect(NodeOwner.machine.clawnode == "sudo clawnode" && NodeOwner.user.clawnode == "clawnode")
        #expect(NodeOwner.machine.restart == "sudo systemctl restart clawnode")
        #expect(NodeOwner.machine.start == "sudo systemctl start clawnode")
        #expect(NodeOwner.user.start == "clawnode run, or: systemctl --user start clawnode")
        #expect(NodeOwner.user.systemctl("enable --now", "x.socket") == "systemctl --user enable --now x.socket")
        #expect(NodeOwner.machine.journal("clawnode -n 20") == "sudo journalctl -u clawnode -n 20")
        #expect(NodeOwner.user.journal("clawnode -n 20") == "journalctl --user -u clawnode -n 20")
    }
}
