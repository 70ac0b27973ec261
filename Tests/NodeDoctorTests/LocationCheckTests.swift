import NodeCore
import NodeLocation
import NodeTesting
import Testing

@testable import NodeDoctor

@Suite(.timeLimit(.minutes(5))) struct LocationCheckTests {
    private func judge(_ answers: LocationCheck.Answer..., isDaemons: Bool = true) -> Finding {
        LocationCheck.judge(
            Array(zip(["gpsd", "geoclue", "static"], answers)), .machine, isDaemons: isDaemons)
    }

    @Test("whoever knows is named, with how exactly") func known() {
        let finding = judge(.fails(.unavailable("a", remedy: "b")), .knows(accuracy: 24.2), .knows(accuracy: 100))
        #expect(finding == .ok("location", "this machine's place is known to geoclue, to 25 m; static, to 100 m"))
    }

    @Test("whoever fails is told of with what mends it, and who searches with what helps") func faults() {
        #expect(
            judge(.searches, .fails(.unavailable("it broke", remedy: "mend it")))
                == .error("location", "it broke", remedy: "mend it"))
        let searching = judge(.searches, .absent)
        #expect(searching.verdict == .warning && searching.summary.hasPrefix("gpsd has not found"))
        let nobody = judge(.absent, .absent)
        #expect(nobody.verdict == .error && nobody.summary == "nothing knows where this machine is")
        #expect(nobody.remedy?.hasPrefix("sudo apt install gpsd") == true)
    }

    @Test("what GeoClue refuses to root it may grant to the daemon") func another() {
        let refusal = LocationCheck.Answer.fails(.permission("not for root", remedy: "do it"))
        #expect(judge(refusal).verdict == .error && judge(refusal).remedy == "do it")
        let finding = judge(refusal, isDaemons: false)
        #expect(finding.verdict == .note && finding.remedy == "sudo clawnode invoke location.get --enable location")
    }

    @Test("a fixed place is known, without a word of where it is; where location is off nobody is asked") func asked()
        async throws
    {
        try await Scene.run { scene in
            let fixed = "\"fixed\": {\"latitude\": 48.14, \"longitude\": 11.58}"
            let on = try scene.patient(
                "{\"capabilities\": {\"location\": true}, \"location\": {\"gpsd\": false, \"geoclue\": false, \(fixed)}}"
            )
            let finding = await LocationCheck().findings(in: on)["location"]
            #expect(finding == .ok("location", "this machine's place is known to static, to 100 m"))
            let off = await LocationCheck().findings(in: try scene.patient())["location"]
            #expect(off == .skipped("location", "location is off"))
        }
    }
}
