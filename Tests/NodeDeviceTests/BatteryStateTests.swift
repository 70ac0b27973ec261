import Testing

@testable import NodeDevice

@Suite struct BatteryStateTests {
    private func state(_ supplies: [String: [String: String]]) throws -> BatteryState {
        var files: [String: String] = [:]
        for (supply, values) in supplies {
            for (name, value) in values { files["/sys/class/power_supply/\(supply)/\(name)"] = value + "\n" }
        }
        return try FakeMachine.seen(files, BatteryState.init)
    }

    @Test("one that is being used up") func discharging() throws {
        let state = try state([
            "BAT0": [
                "type": "Battery", "present": "1", "status": "Discharging", "capacity": "42", "temp": "315",
                "current_now": "1500000",
            ], "AC": ["type": "Mains", "online": "0"],
        ])
        #expect(state.isPresent && state.level == 0.42 && state.state == .unplugged && state.chargingType == .none)
        #expect(state.celsius == 31.5 && state.current == -1500)
    }

    @Test(
        "what charges it",
        arguments: [("Mains", BatteryState.ChargingType.ac), ("USB", .usb), ("USB_PD", .usb), ("Wireless", .wireless)])
    func charging(type: String, expected: BatteryState.ChargingType) throws {
        let state = try state([
            "b": ["type": "Battery", "status": "Charging", "energy_now": "30", "energy_full": "40"],
            "c": ["type": type, "online": "1"],
        ])
        #expect(state.state == .charging && state.level == 0.75 && state.chargingType == expected)
    }

    @Test("two are one, and an old one holds no more than all") func two() throws {
        let full = ["type": "Battery", "status": "Full", "charge_now": "50", "charge_full": "40"]
        let state = try state(["BAT0": full, "BAT1": full.merging(["capacity": "50"]) { $1 }])
        #expect(state.level == 0.75 && state.state == .full)
    }

    @Test("a mouse's is not the machine's, and without one nothing is known") func none() throws {
        let none = try state(["m": ["type": "Battery", "scope": "Device", "capacity": "80", "status": "Discharging"]])
        let nothing = try state([:])
        #expect(none == nothing)
        #expect(!none.isPresent && none.level == nil && none.state == .unknown)
    }

    @Test("what cannot be is left out") func nonsense() throws {
        let state = try state([
            "b": [
                "type": "Battery", "status": "?", "capacity": "250", "energy_now": "-3", "energy_full": "0",
                "temp": "99999", "current_now": "x",
            ], "c": ["status": "Charging"],
        ])
        #expect(state.isPresent && state.level == nil && state.state == .unknown)
        #expect(state.celsius == nil && state.current == nil)
    }

    @Test("the least number that there is is no current") func least() throws {
        let state = try state(["b": ["type": "Battery", "status": "Charging", "current_now": "\(Int.min)"]])
        #expect(state.isPresent && state.current == nil)
    }
}
