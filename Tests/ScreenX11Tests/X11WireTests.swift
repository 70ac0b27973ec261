import NodeScreen
import Testing

@testable import ScreenX11

@Suite("X protocol")
struct X11WireTests {
    @Test("a request tells its length in words") func request() {
        var request = X11Request(98)
        request.add(UInt16(5))
        request.skip(2)
        request.add(text: "RANDR")
        #expect(request.wire == [98, 0, 4, 0, 5, 0, 0, 0] + Array("RANDR".utf8) + [0, 0, 0])
    }

    @Test("nothing is read from beyond the end") func data() throws {
        let data = X11Data([1, 2, 0xFF, 0xFF])
        #expect(try data.word(at: 0) == 0x201 && data.signedWord(at: 2) == -1 && data.long(at: 0) == 0xFFFF_0201)
        #expect(throws: X11Flaw.self) { try data.word(at: 3) }
        #expect(throws: X11Flaw.self) { try data.long(at: 1) }
        #expect(throws: X11Flaw.self) { try data.byte(at: 4) }
        #expect(throws: X11Flaw.self) { try data.text(at: 2, count: 3) }
    }

    /// One screen of that depth, with one visual.
    private static func setup(
        width: UInt16 = 800, depth: UInt8 = 24, bits: UInt8 = 32, order: UInt8 = 0, red: UInt32 = 0xFF0000
    ) -> [UInt8] {
        var answer = [UInt8](repeating: 0, count: 8)
        answer[0] = 1
        for number in [1, 0x20_0000, 0x1F_FFFF, 0] as [UInt32] { answer.append(number: number) }
        answer.append(number: UInt16(5))
        answer.append(number: UInt16.max)
        answer += [1, 1, order, 0, 32, 32, 8, 255, 0, 0, 0, 0]
        answer += Array("X.Org".utf8) + [0, 0, 0]
        answer += [depth, bits, 32, 0, 0, 0, 0, 0]
        for number in [77, 0, 0, 0, 0] as [UInt32] { answer.append(number: number) }
        for number in [width, 600, 0, 0, 1, 1] as [UInt16] { answer.append(number: number) }
        answer.append(number: UInt32(33))
        answer += [0, 0, depth, 1]
        answer += [depth, 0, 1, 0, 0, 0, 0, 0]
        answer.append(number: UInt32(33))
        answer += [4, 8, 0, 1]
        for number in [red, 0xFF00, 0xFF, 0] as [UInt32] { answer.append(number: number) }
        return answer
    }

    @Test("a server says what its screen is like") func description() throws {
        let setup = try #require(try X11Setup(X11Data(Self.setup()), screen: 0))
        #expect(setup.root == 77 && (setup.width, setup.height, setup.depth) == (800, 600, 24) && setup.isBGRX)
        #expect(setup.firstID == 0x20_0000)
        #expect(try X11Setup(X11Data(Self.setup()), screen: 1) == nil)
    }

    @Test(
        "pixels of any other kind are told apart",
        arguments: [setup(bits: 24), setup(order: 1), setup(red: 0xFF), setup(depth: 16, bits: 16, red: 0xF800)])
    func pixels(answer: [UInt8]) throws {
        #expect(try X11Setup(X11Data(answer), screen: 0)?.isBGRX == false)
    }

    @Test("an answer that is cut off is no answer, wherever it is cut") func truncated() {
        let answer = Self.setup()
        for count in 8..<answer.count - 4 {
            #expect(throws: X11Flaw.self) { try X11Setup(X11Data(Array(answer.prefix(count))), screen: 0) }
        }
    }

    @Test("a screen without a pixel is none") func empty() {
        #expect(throws: X11Flaw.self) { try X11Setup(X11Data(Self.setup(width: 0)), screen: 0) }
    }

    @Test("a list of monitors that is longer than it is, is malformed") func monitors() {
        var reply = [UInt8](repeating: 0, count: 32 + 24)
        reply[12] = 2
        #expect(throws: X11Flaw.self) { try X11Monitor.all(X11Data(reply)) }
    }

    /// Two pixels side by side, half covering white and all covering blue.
    private static func pointer(x: Int16, hot: UInt16 = 0) -> [UInt8] {
        var reply = [UInt8](repeating: 0, count: 8)
        reply.append(number: x)
        for number in [0, 2, 1, hot, 0] as [UInt16] { reply.append(number: number) }
        reply += [UInt8](repeating: 0, count: 12)
        for colour in [0x8080_8080, 0xFF00_00FF] as [UInt32] { reply.append(number: colour) }
        return reply
    }

    @Test(
        "the pointer is laid over the picture as far as it reaches into it",
        arguments: [
            (1, 0, [100, 178, 255]), (2, 0, [100, 100, 178]), (3, 0, [100, 100, 100]), (-1, 0, [255, 100, 100]),
            (2, 1, [100, 178, 255]), (-2, 0, [100, 100, 100]),
        ] as [(Int16, UInt16, [UInt8])])
    func drawing(x: Int16, hot: UInt16, blue: [UInt8]) throws {
        let pointer = try X11Pointer(X11Data(Self.pointer(x: x, hot: hot)))
        let output = ScreenOutput(name: "screen", width: 3, height: 1)
        var picture = [UInt8](repeating: 100, count: 12)
        pointer.draw(on: &picture, of: output)
        #expect([picture[0], picture[4], picture[8]] == blue)
        #expect(pointer.area.common(with: X11Area(output)).isEmpty == (blue == [100, 100, 100]))
    }

    @Test("areas have in common what belongs to both, and are joined to what has both in it") func areas() {
        let (left, right) = (X11Area(x: -5, y: 0, width: 10, height: 10), X11Area(x: 3, y: 8, width: 4, height: 9))
        #expect(left.common(with: right) == X11Area(x: 3, y: 8, width: 2, height: 2))
        #expect(left.joined(with: right) == X11Area(x: -5, y: 0, width: 12, height: 17))
        let beside = X11Area(x: 5, y: 0, width: 10, height: 10)
        #expect(left.common(with: beside).isEmpty && !left.isEmpty)
        #expect(left.joined(with: .none) == left && X11Area.none.joined(with: left) == left)
    }

    @Test("a pointer with fewer pixels than it says is malformed") func pointerCut() {
        #expect(throws: X11Flaw.self) { try X11Pointer(X11Data(Self.pointer(x: 0).dropLast())) }
    }
}

extension X11Data {
    fileprivate init(_ bytes: ArraySlice<UInt8>) { self.init(Array(bytes)) }
}
