import Testing

@testable import NodeNotify

@Suite struct NoticeTests {
    @Test("what could give orders to a terminal is blanked, lines stay lines") func controls() throws {
        let notice = try #require(Notice(title: " \u{1B}[2J\na\tb ", body: "one\u{7}\r\ntwo\u{9B}31m\n"))
        #expect(notice.title == "[2J a b")
        #expect(notice.body == "one \ntwo 31m")
    }

    @Test("a long one is cut, between characters") func length() throws {
        let notice = try #require(
            Notice(title: String(repeating: "é", count: 101), body: String(repeating: "x", count: 5000)))
        #expect(notice.title == String(repeating: "é", count: 100) + "…")
        #expect(notice.body.utf8.count == 4000 + "…".utf8.count)
    }

    @Test("without words there is none", arguments: [("", ""), (" \n", "\t"), ("\u{1B}", "\u{0}")])
    func empty(title: String, body: String) {
        #expect(Notice(title: title, body: body) == nil)
    }
}
