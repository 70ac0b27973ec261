import Testing

@testable import ClipChannel

@Suite struct PulseTests {
    @Test("an encoder that owes something and says nothing has stopped after more than ten looks")
    func stopped() {
        var pulse = Pulse()
        let looks = (0..<11).map { _ in pulse.hasStopped(owes: true) }
        #expect(looks == [Bool](repeating: false, count: 10) + [true])
    }

    @Test("a single word is enough, and one that owes nothing may be silent for ever")
    func alive() {
        var pulse = Pulse()
        var looks: [Bool] = []
        for _ in 0..<20 {
            for _ in 0..<10 { looks.append(pulse.hasStopped(owes: true)) }
            pulse.beat()
        }
        looks.append(pulse.hasStopped(owes: true))
        for _ in 0..<100 { looks.append(pulse.hasStopped(owes: false)) }
        #expect(!looks.contains(true))
    }
}
