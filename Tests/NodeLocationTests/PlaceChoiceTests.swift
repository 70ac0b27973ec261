import Testing

@testable import NodeLocation

@Suite struct PlaceChoiceTests {
    private func choice(_ accuracy: DesiredAccuracy = .balanced) -> PlaceChoice { PlaceChoice(among: 3, accuracy) }

    @Test("the first way's fix is taken at once, and a later one's only when none before it may still answer")
    func order() {
        var first = choice()
        first.found(.sample(), by: 0)
        #expect(first.answer(isLate: false)?.way == 0)
        var second = choice()
        second.found(.sample(), by: 1)
        #expect(second.answer(isLate: false) == nil)
        second.ended(0, .unavailable("", remedy: ""))
        #expect(second.answer(isLate: false)?.way == 1)
    }

    @Test("nobody is waited for any more when it is late") func late() {
        var choice = choice()
        #expect(choice.answer(isLate: true) == nil)
        choice.found(.sample(), by: 2)
        #expect(choice.answer(isLate: false) == nil)
        #expect(choice.answer(isLate: true)?.way == 2)
    }

    @Test(
        "less accurate than was asked for is taken when no better one comes",
        arguments: [(DesiredAccuracy.precise, 100.0), (.balanced, 1_000), (.coarse, 1e6)] as [(DesiredAccuracy, Double)]
    )
    func accuracy(_ accuracy: DesiredAccuracy, _ metres: Double) {
        var good = choice(accuracy)
        good.found(.sample(accuracy: metres), by: 0)
        #expect(good.answer(isLate: false)?.fix.accuracy == metres)
        guard accuracy != .coarse else { return }
        var bad = choice(accuracy)
        bad.found(.sample(accuracy: metres + 1), by: 0)
        #expect(bad.answer(isLate: false) == nil)
        #expect(bad.answer(isLate: true)?.way == 0)
        bad.found(.sample(accuracy: metres), by: 1)
        #expect(bad.answer(isLate: false) == nil)
        #expect(bad.answer(isLate: true)?.way == 1)
        for way in 0..<3 { bad.ended(way, nil) }
        #expect(bad.answer(isLate: false)?.way == 1)
    }

    @Test("of one way's fixes the most accurate counts, and of equal ones the newest") func best() {
        var choice = choice(.precise)
        choice.found(.sample(accuracy: 200), by: 0)
        choice.found(.sample(accuracy: 300), by: 0)
        #expect(choice.answer(isLate: true)?.fix.accuracy == 200)
        choice.found(.sample(accuracy: 200, latitude: 1), by: 0)
        #expect(choice.answer(isLate: true)?.fix.latitude == 1)
    }

    @Test("why there is none: a missing right before anything else, and before nothing at all") func failures() {
        var choice = choice()
        choice.ended(0, .unavailable("a", remedy: "b"))
        choice.ended(1, nil)
        #expect(choice.open == [2] && choice.failure == .unavailable("a", remedy: "b"))
        choice.ended(2, .permission("c", remedy: "d"))
        #expect(choice.open.isEmpty && choice.failure == .permission("c", remedy: "d"))
        #expect(PlaceChoice(among: 0, .coarse).failure == .nowhere)
    }
}
