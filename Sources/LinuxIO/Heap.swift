import CLinux

package enum Heap {
    /// Gives the system back the pages that nothing on the heap uses any more; malloc_trim(3).
    package static func trim() { cn_trim_heap() }
}
