import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

@Suite("Location", .timeLimit(.minutes(5))) struct LocationTests {
    private static let get = ["invoke", "location.get", "--enable", "location"]
    private static let fixed = #""fixed": {"latitude": 48.1374, "longitude": 11.5755, "accuracyMeters": 20}"#

    @Test("gpsd is asked where the machine is, and no more is told than was asked for") func gpsd() async throws {
        try await Prompt.run { prompt in
            try await GPSDaemon.run(at: (-33.8568, 151.2153), on: prompt.loop) { gpsd in
                _ = try prompt.write(
                    "{\"location\": {\"gpsdPort\": \(gpsd.port), \"geoclue\": false}}", to: "clawnode.json")
                let params = #"{"desiredAccuracy": "precise", "timeoutMs": 30000}"#
                let precise = try await prompt.clawnode(
                    ["invoke", "location.get", params, "--enable", "location", "--timeout", "60000"])
                let reply = try JSONReader.read(Array(precise.answer.utf8))
                #expect(precise.code == 0 && reply["provider"] == "gpsd" && reply["source"] == "gps", "\(precise.talk)")
                #expect(precise.answer.contains("\"lat\":-33.8568") && precise.answer.contains("\"lon\":151.2153"))
                let coarse = try await prompt.clawnode(
                    "invoke", "location.get", #"{"desiredAccuracy": "coarse"}"#, "--enable", "location")
                #expect(
                    coarse.answer.hasPrefix(#"{"accuracyMeters":1000,"isPrecise":false,"lat":-33.86,"lon":151.22,"#))
                #expect(!coarse.answer.contains("altitude"))
            }
        }
    }

    @Test("where nobody knows, that is said with what to do, and a fixed place helps; off, nothing is told")
    func alone() async throws {
        try await Prompt.run { prompt in
            let port = try HeldPort()
            let bus = ["DBUS_SYSTEM_BUS_ADDRESS": "unix:path=" + prompt.scratch.file("none")]
            let services = "\"gpsdPort\": \(port.number)"
            _ = try prompt.write("{\"location\": {\(services)}}", to: "clawnode.json")
            let nowhere = try await prompt.clawnode(Self.get, variables: bus)
            #expect(nowhere.code == 1 && nowhere.answer.contains("LOCATION_UNAVAILABLE: nothing knows"))
            let off = try await prompt.clawnode("invoke", "location.get", variables: bus)
            #expect(
                off.code == 1 && off.answer.contains("LOCATION_DISABLED") && off.answer.contains("--enable location"))
            _ = try prompt.write("{\"location\": {\(services), \(Self.fixed)}}", to: "clawnode.json")
            let fixed = try await prompt.clawnode(Self.get, variables: bus)
            #expect(
                fixed.answer.hasPrefix(
                    #"{"accuracyMeters":20,"isPrecise":true,"lat":48.1374,"lon":11.5755,"provider":"static","source":"unknown","#
                ))
        }
    }

    @Test("a gateway that asks is told, until the owner pauses it") func gateway() async throws {
        var options = Stage.open()
        options.allowedCommands.append("location.get")
        try await Stage.run(options) { stage in
            try stage.configure(
                "{\"capabilities\": {\"location\": true}, \"location\": {\"gpsd\": false, \"geoclue\": false, \(Self.fixed)}}"
            )
            try await stage.withDaemon { _ in
                var events = stage.gateway.events.reader()
                let node = try await stage.hello(&events)
                #expect(node.declared.caps.contains("location"))
                let reply = await stage.gateway.invoke("location.get", params: "{\"maxAgeMs\":1000}")
                #expect(reply.isSuccess)
                #expect(String(decoding: reply.payloadText, as: UTF8.self).contains("48.1374"))
                #expect(!stage.log.contains("48.1374"))
                #expect(try await stage.ask("pause", "location").answer == "location is paused\n")
                try await stage.status { $0.contains("location is paused") }
                #expect(!(await stage.gateway.invoke("location.get", params: "{}")).isSuccess)
            }
        }
    }

    /// GeoClue itself, with a receiver on a socket of its own instead of the machine's; what it says to who is alone, and then to who
    /// has an agent.
    private static let geoClue = """
        cp -r /etc/geoclue /run/geoclue
        sed -i '/^\\[network-nmea\\]/a nmea-socket=/run/nmea' /run/geoclue/geoclue.conf
        mount --bind /run/geoclue /etc/geoclue
        python3 "$1" /run/nmea <"$2" &
        /usr/libexec/geoclue -t 600 2>/dev/null &
        ask() { "$0" invoke location.get '{"desiredAccuracy": "precise", "timeoutMs": 15000}' --enable location 2>/dev/null; }
        while ask >/run/alone || grep -q 'nothing knows' /run/alone; do :; done
        cat /run/alone
        /usr/libexec/geoclue-2.0/demos/agent >/dev/null 2>&1 &
        until ask; do :; done
        """

    @Test(
        "GeoClue is asked where the machine is, and tells who has an agent",
        .enabled(if: PrivateMount.isAllowed, PrivateMount.need))
    func geoClue() async throws {
        try await Prompt.run { prompt in
            _ = try prompt.write("{\"location\": {\"gpsd\": false}}", to: "clawnode.json")
            let nmea = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Peers/nmea.py"
            let said = try prompt.write(GPSDaemon.sentences((48.1374, 11.5755)), to: "nmea")
            let words = PrivateNetwork.words(
                PrivateNetwork.bus + "\n" + Self.geoClue, [Stage.program, nmea, said])
            let end = try await prompt.run(
                words[0], Array(words.dropFirst()), variables: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
            #expect(end.code == 0, "\(end.talk)")
            let lines = end.answer.split(separator: "\n")
            #expect(lines.first?.contains("LOCATION_PERMISSION_REQUIRED: GeoClue serves ") == true, "\(end.answer)")
            let reply = try JSONReader.read(Array((lines.last ?? "").utf8))
            #expect(reply["provider"] == "geoclue" && reply["source"] == "gps")
            #expect(lines.last?.contains("\"lat\":48.1374") == true && lines.last?.contains("\"lon\":11.5755") == true)
        }
    }
}
