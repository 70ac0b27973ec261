import Testing

@testable import NodeDevice

@Suite struct ThermalStateTests {
    @Test(
        "heat is told by how near it is to where the machine switches itself off",
        arguments: [
            (20.0, ThermalState.State.nominal), (74.9, .nominal), (75, .fair), (84.9, .fair), (85, .serious),
            (94.9, .serious), (95, .critical), (120, .critical),
        ])
    func shares(celsius: Double, expected: ThermalState.State) {
        let sensors = [
            ThermalState.Sensor(celsius: 10, critical: 100), ThermalState.Sensor(celsius: celsius, critical: 100),
            ThermalState.Sensor(celsius: 130),
        ]
        let state = ThermalState(sensors, isThrottled: false)
        #expect(state.state == expected && state.celsius == 130)
    }

    @Test("a processor that is held back is at least serious") func throttled() {
        #expect(ThermalState([.init(celsius: 40, critical: 100)], isThrottled: true).state == .serious)
        #expect(ThermalState([.init(celsius: 99, critical: 100)], isThrottled: true).state == .critical)
        #expect(ThermalState([], isThrottled: true).state == .serious)
        #expect(ThermalState([], isThrottled: false).state == nil)
        #expect(ThermalState([.init(celsius: 90)], isThrottled: false).state == nil)
    }

    @Test("zones and chips are read, with their own limits, and nonsense is passed over") func files() throws {
        let state = try FakeMachine.seen([
            "/sys/class/thermal/thermal_zone0/temp": "50000\n",
            "/sys/class/thermal/thermal_zone0/trip_point_0_type": "passive\n",
            "/sys/class/thermal/thermal_zone0/trip_point_0_temp": "51000\n",
            "/sys/class/thermal/thermal_zone0/trip_point_1_type": "critical\n",
            "/sys/class/thermal/thermal_zone0/trip_point_1_temp": "110000\n",
            "/sys/class/thermal/thermal_zone1/temp": "-274000\n", "/sys/class/thermal/thermal_zone2/temp": "warm\n",
            "/sys/class/thermal/cooling_device0/temp": "120000\n",
            "/sys/class/hwmon/hwmon0/temp1_input": "72000\n", "/sys/class/hwmon/hwmon0/temp1_crit": "84000\n",
            "/sys/class/hwmon/hwmon0/temp2_input": "60000\n", "/sys/class/hwmon/hwmon0/temp2_crit": "0\n",
            "/sys/class/hwmon/hwmon0/fan1_input": "3000\n",
        ]) { ThermalState($0, isThrottled: false) }
        #expect(state.celsius == 72 && state.state == .serious)
    }
}
