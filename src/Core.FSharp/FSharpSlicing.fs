namespace DiffLib.FSharp

open DiffLib

/// Slicing as F# writes it: x[1..3, *], x[*, 2..], x[0, *]. Ends are included and clipped to the axis, as for F# arrays;
/// single positions must be inside, and count from the end if negative. Every slice is a view. Up to four axes, the rest is kept whole.
[<AutoOpen>]
module TensorSlicing =
    /// From start to stop, both included; none is the open end. What lies outside the axis is left out.
    let private range (start: int option) (stop: int option) : TensorIndex =
        let first = max 0 (defaultArg start 0)

        match stop with
        | None -> TensorIndex.op_Implicit (System.Range(System.Index first, System.Index.End))
        | Some stop when stop < first -> TensorIndex.op_Implicit (System.Range(System.Index first, System.Index first))
        | Some stop ->
            TensorIndex.op_Implicit (System.Range(System.Index first, System.Index(if stop = System.Int32.MaxValue then stop else stop + 1)))

    let private at (position: int) : TensorIndex = TensorIndex.op_Implicit position

    type Tensor with

        /// x[..]
        member x.GetSlice(a1: int option, a2: int option) : Tensor = x[range a1 a2]

        /// x[.., ..]
        member x.GetSlice(a1: int option, a2: int option, b1: int option, b2: int option) : Tensor = x[range a1 a2, range b1 b2]

        /// x[.., i]
        member x.GetSlice(a1: int option, a2: int option, b: int) : Tensor = x[range a1 a2, at b]

        /// x[i, ..]
        member x.GetSlice(a: int, b1: int option, b2: int option) : Tensor = x[at a, range b1 b2]

        /// x[.., .., ..]
        member x.GetSlice(a1: int option, a2: int option, b1: int option, b2: int option, c1: int option, c2: int option) : Tensor =
            x[range a1 a2, range b1 b2, range c1 c2]

        /// x[.., .., i]
        member x.GetSlice(a1: int option, a2: int option, b1: int option, b2: int option, c: int) : Tensor = x[range a1 a2, range b1 b2, at c]

        /// x[.., i, ..]
        member x.GetSlice(a1: int option, a2: int option, b: int, c1: int option, c2: int option) : Tensor = x[range a1 a2, at b, range c1 c2]

        /// x[.., i, i]
        member x.GetSlice(a1: int option, a2: int option, b: int, c: int) : Tensor = x[range a1 a2, at b, at c]

        /// x[i, .., ..]
        member x.GetSlice(a: int, b1: int option, b2: int option, c1: int option, c2: int option) : Tensor = x[at a, range b1 b2, range c1 c2]

        /// x[i, .., i]
        member x.GetSlice(a: int, b1: int option, b2: int option, c: int) : Tensor = x[at a, range b1 b2, at c]

        /// x[i, i, ..]
        member x.GetSlice(a: int, b: int, c1: int option, c2: int option) : Tensor = x[at a, at b, range c1 c2]

        /// x[.., .., .., ..]
        member x.GetSlice
            (a1: int option, a2: int option, b1: int option, b2: int option, c1: int option, c2: int option, d1: int option, d2: int option)
            : Tensor =
            x[range a1 a2, range b1 b2, range c1 c2, range d1 d2]

        /// x[.., .., .., i]
        member x.GetSlice(a1: int option, a2: int option, b1: int option, b2: int option, c1: int option, c2: int option, d: int) : Tensor =
            x[range a1 a2, range b1 b2, range c1 c2, at d]

        /// x[.., .., i, ..]
        member x.GetSlice(a1: int option, a2: int option, b1: int option, b2: int option, c: int, d1: int option, d2: int option) : Tensor =
            x[range a1 a2, range b1 b2, at c, range d1 d2]

        /// x[.., .., i, i]
        member x.GetSlice(a1: int option, a2: int option, b1: int option, b2: int option, c: int, d: int) : Tensor =
            x[range a1 a2, range b1 b2, at c, at d]

        /// x[.., i, .., ..]
        member x.GetSlice(a1: int option, a2: int option, b: int, c1: int option, c2: int option, d1: int option, d2: int option) : Tensor =
            x[range a1 a2, at b, range c1 c2, range d1 d2]

        /// x[.., i, .., i]
        member x.GetSlice(a1: int option, a2: int option, b: int, c1: int option, c2: int option, d: int) : Tensor =
            x[range a1 a2, at b, range c1 c2, at d]

        /// x[.., i, i, ..]
        member x.GetSlice(a1: int option, a2: int option, b: int, c: int, d1: int option, d2: int option) : Tensor =
            x[range a1 a2, at b, at c, range d1 d2]

        /// x[.., i, i, i]
        member x.GetSlice(a1: int option, a2: int option, b: int, c: int, d: int) : Tensor = x[range a1 a2, at b, at c, at d]

        /// x[i, .., .., ..]
        member x.GetSlice(a: int, b1: int option, b2: int option, c1: int option, c2: int option, d1: int option, d2: int option) : Tensor =
            x[at a, range b1 b2, range c1 c2, range d1 d2]

        /// x[i, .., .., i]
        member x.GetSlice(a: int, b1: int option, b2: int option, c1: int option, c2: int option, d: int) : Tensor =
            x[at a, range b1 b2, range c1 c2, at d]

        /// x[i, .., i, ..]
        member x.GetSlice(a: int, b1: int option, b2: int option, c: int, d1: int option, d2: int option) : Tensor =
            x[at a, range b1 b2, at c, range d1 d2]

        /// x[i, .., i, i]
        member x.GetSlice(a: int, b1: int option, b2: int option, c: int, d: int) : Tensor = x[at a, range b1 b2, at c, at d]

        /// x[i, i, .., ..]
        member x.GetSlice(a: int, b: int, c1: int option, c2: int option, d1: int option, d2: int option) : Tensor =
            x[at a, at b, range c1 c2, range d1 d2]

        /// x[i, i, .., i]
        member x.GetSlice(a: int, b: int, c1: int option, c2: int option, d: int) : Tensor = x[at a, at b, range c1 c2, at d]

        /// x[i, i, i, ..]
        member x.GetSlice(a: int, b: int, c: int, d1: int option, d2: int option) : Tensor = x[at a, at b, at c, range d1 d2]
