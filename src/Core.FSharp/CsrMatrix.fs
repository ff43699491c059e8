namespace DiffLib

open System
open DiffLib.Kernels

/// <summary>A sparse matrix in compressed-row form: a pattern, and a number for each of its places. Immutable.</summary>
[<Sealed; AllowNullLiteral(false)>]
type CsrMatrix internal (pattern: SparsityPattern, values: double[], dtype: DType) =
    let demandLength (name: string) (given: int) (needed: int) (what: string) =
        if given <> needed then
            invalidArg name $"{name} has {given} numbers, but the matrix is {pattern.Rows} by {pattern.Columns}: give one number for each {what}."

    /// <summary>The matrix with these numbers at the places of a pattern, row by row; they are copied.</summary>
    /// <exception cref="T:System.ArgumentNullException">pattern is null.</exception>
    /// <exception cref="T:System.ArgumentException">There are not as many numbers as places.</exception>
    static member Of(pattern: SparsityPattern, values: ReadOnlySpan<double>) : CsrMatrix =
        if isNull (box pattern) then nullArg "pattern"

        if values.Length <> pattern.Count then
            invalidArg "values" $"there are {values.Length} numbers for a pattern of {pattern.Count} places. Give one for each."

        CsrMatrix(pattern, values.ToArray(), DType.Float64)

    /// Where the numbers stand.
    member _.Pattern = pattern
    /// The number of rows.
    member _.Rows = pattern.Rows
    /// The number of columns.
    member _.Columns = pattern.Columns
    /// The numbers at the places of the pattern, row by row.
    member _.Values: ReadOnlySpan<double> = ReadOnlySpan<double> values
    member internal _.Numbers = values
    /// The element type of the derivatives: float64, or float32 whose numbers are kept as float64, which holds them exactly.
    member _.DType = dtype

    /// <summary>The element; 0 where the pattern has no place.</summary>
    /// <exception cref="T:System.ArgumentOutOfRangeException">The place lies outside the matrix.</exception>
    member _.Item
        with get (row: int, column: int): double = if pattern.Contains(row, column) then values[pattern.Find(row, column)] else 0.0

    /// <summary>The product with a vector, A x, written into a span.</summary>
    /// <param name="x">As many numbers as there are columns.</param>
    /// <param name="y">Receives as many numbers as there are rows; not the memory of x.</param>
    /// <exception cref="T:System.ArgumentException">A length does not fit, or the spans overlap.</exception>
    member _.Multiply(x: ReadOnlySpan<double>, y: Span<double>) : unit =
        demandLength "x" x.Length pattern.Columns "column"
        demandLength "y" y.Length pattern.Rows "row"
        if MemoryExtensions.Overlaps(x, Span.op_Implicit y) then
            invalidArg "y" "the result overlaps the vector; write to other memory."
        let offsets, indices = pattern.Offsets, pattern.Indices

        for i in 0 .. pattern.Rows - 1 do
            let mutable sum = 0.0

            for p in offsets[i] .. offsets[i + 1] - 1 do
                sum <- sum + values[p] * x[indices[p]]

            y[i] <- sum

    /// <summary>The product with a vector, A x.</summary>
    /// <exception cref="T:System.ArgumentException">x has not as many numbers as there are columns.</exception>
    member this.Multiply(x: ReadOnlySpan<double>) : double[] =
        let y = Array.zeroCreate<double> pattern.Rows
        this.Multiply(x, y.AsSpan())
        y

    /// <summary>The product of the transposed matrix with a vector, Aᵀ x, written into a span.</summary>
    /// <param name="x">As many numbers as there are rows.</param>
    /// <param name="y">Receives as many numbers as there are columns; not the memory of x.</param>
    /// <exception cref="T:System.ArgumentException">A length does not fit, or the spans overlap.</exception>
    member _.TransposeMultiply(x: ReadOnlySpan<double>, y: Span<double>) : unit =
        demandLength "x" x.Length pattern.Rows "row"
        demandLength "y" y.Length pattern.Columns "column"
        if MemoryExtensions.Overlaps(x, Span.op_Implicit y) then
            invalidArg "y" "the result overlaps the vector; write to other memory."
        let offsets, indices = pattern.Offsets, pattern.Indices
        y.Clear()

        for i in 0 .. pattern.Rows - 1 do
            for p in offsets[i] .. offsets[i + 1] - 1 do
                let j = indices[p]
                y[j] <- y[j] + values[p] * x[i]

    /// <summary>The product of the transposed matrix with a vector, Aᵀ x.</summary>
    /// <exception cref="T:System.ArgumentException">x has not as many numbers as there are rows.</exception>
    member this.TransposeMultiply(x: ReadOnlySpan<double>) : double[] =
        let y = Array.zeroCreate<double> pattern.Columns
        this.TransposeMultiply(x, y.AsSpan())
        y

    /// The transposed matrix.
    member _.Transpose() : CsrMatrix =
        let turned = pattern.Transpose()
        let next, moved = Array.copy turned.Offsets, Array.zeroCreate<double> values.Length

        for i in 0 .. pattern.Rows - 1 do
            for p in pattern.Offsets[i] .. pattern.Offsets[i + 1] - 1 do
                let j = pattern.Indices[p]
                moved[next[j]] <- values[p]
                next[j] <- next[j] + 1

        CsrMatrix(turned, moved, dtype)

    /// <summary>The matrix with all its zeros: [rows, columns], in the element type of the derivatives.</summary>
    /// <exception cref="T:System.InvalidOperationException">There would be more elements than a tensor holds.</exception>
    member _.ToTensor() : Tensor =
        if int64 pattern.Rows * int64 pattern.Columns > int64 Array.MaxLength then
            raise (
                InvalidOperationException
                    $"a matrix of {pattern.Rows} rows and {pattern.Columns} columns is too large to be dense. Use Multiply and TransposeMultiply."
            )

        let dense = Array.zeroCreate<double>(pattern.Rows * pattern.Columns)

        for i in 0 .. pattern.Rows - 1 do
            for p in pattern.Offsets[i] .. pattern.Offsets[i + 1] - 1 do
                dense[i * pattern.Columns + pattern.Indices[p]] <- values[p]

        Const((NDArray.Adopt(Shape [| pattern.Rows; pattern.Columns |], dense)).Cast dtype)

    /// The sizes and the pattern.
    override _.ToString() = pattern.ToString()
