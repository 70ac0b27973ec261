import Testing

@testable import NodeLocation

@Suite struct FixTests {
    private func fix(accuracy: Double) -> Fix? {
        Fix(latitude: 1, longitude: 2, accuracy: accuracy, time: 0, source: .gps)
    }

    @Test(
        "what may be off by more than there is of the Earth is no fix",
        arguments: [-1, 20_037_509, 1.4e200, .infinity, .nan] as [Double])
    func anywhere(accuracy: Double) {
        #expect(fix(accuracy: accuracy) == nil)
    }

    @Test("what is very inexact is one nevertheless", arguments: [0, 1e6, 2e7] as [Double])
    func inexact(accuracy: Double) {
        #expect(fix(accuracy: accuracy)?.accuracy == accuracy)
    }
}
