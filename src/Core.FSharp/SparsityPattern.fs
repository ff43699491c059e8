namespace DiffLib

open System
open System.Collections.Generic
open System.Text

// Chapter 21: sparse derivatives. Where a matrix may differ from zero, in the form that sparse solvers take.

/// <summary>The places of a matrix that may differ from zero, in compressed-row form: for each row its columns, ascending. Immutable.</summary>
[<Sealed; AllowNullLiteral(false)>]
type SparsityPattern internal (rows: int, columns: int, offsets: int[], indices: int[]) =

    // ---- making

    static member private DemandSize(name: string, size: int) =
        if size < 0 then
            raise (ArgumentOutOfRangeException(name, size, "a matrix has no rows or columns, or some; give 0 or more."))

    /// From rows of ascending, distinct columns.
    static member internal OfRows(columns: int, rows: int[][]) : SparsityPattern =
        let total = rows |> Array.sumBy (fun (row: int[]) -> int64 row.Length)

        if total > int64 Array.MaxLength then
            raise (
                InvalidOperationException
                    $"the pattern of {rows.Length} rows and {columns} columns would have {total} entries, more than an array holds. The matrix is not sparse: use products with it (Diff.Jvp, Diff.Vjp, Diff.Hvp)."
            )

        SparsityPattern(rows.Length, columns, Array.scan (fun at (row: int[]) -> at + row.Length) 0 rows, Array.concat rows)

    /// <summary>The pattern with these places, in any order; places named twice count once.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="coordinates">Row and column of each place, counted from 0.</param>
    /// <exception cref="T:System.ArgumentNullException">coordinates is null.</exception>
    /// <exception cref="T:System.ArgumentOutOfRangeException">A size is negative.</exception>
    /// <exception cref="T:System.ArgumentException">A place lies outside the matrix.</exception>
    static member FromCoordinates(rows: int, columns: int, coordinates: seq<struct (int * int)>) : SparsityPattern =
        SparsityPattern.DemandSize("rows", rows)
        SparsityPattern.DemandSize("columns", columns)
        if isNull (box coordinates) then nullArg "coordinates"
        let lists: List<int>[] = Array.init rows (fun _ -> List())

        for struct (i, j) in coordinates do
            if i < 0 || i >= rows || j < 0 || j >= columns then
                invalidArg
                    "coordinates"
                    $"the place ({i}, {j}) lies outside a matrix of {rows} rows and {columns} columns. Rows and columns are counted from 0."

            lists[i].Add j

        SparsityPattern.OfRows(columns, lists |> Array.map (fun row -> row.ToArray() |> Array.distinct |> Array.sort))

    /// <summary>The pattern with these compressed rows, copied: the columns of row i are those from <c>rowOffsets[i]</c> up to <c>rowOffsets[i + 1]</c>.</summary>
    /// <param name="columns">The number of columns.</param>
    /// <param name="rowOffsets">One number more than there are rows, from 0 up to the number of places.</param>
    /// <param name="columnIndices">The columns of all rows, ascending in each.</param>
    /// <exception cref="T:System.ArgumentOutOfRangeException">columns is negative.</exception>
    /// <exception cref="T:System.ArgumentException">The offsets do not ascend from 0 to the number of columns given, or a row's columns do not ascend or lie outside.</exception>
    static member FromRows(columns: int, rowOffsets: ReadOnlySpan<int>, columnIndices: ReadOnlySpan<int>) : SparsityPattern =
        SparsityPattern.DemandSize("columns", columns)
        let offsets, indices = rowOffsets.ToArray(), columnIndices.ToArray()

        if offsets.Length = 0 || offsets[0] <> 0 || offsets[offsets.Length - 1] <> indices.Length then
            invalidArg "rowOffsets" $"the offsets must begin with 0 and end with the number of column indices, {indices.Length}."

        for i in 0 .. offsets.Length - 2 do
            if offsets[i + 1] < offsets[i] then
                invalidArg "rowOffsets" $"the offsets fall from {offsets[i]} to {offsets[i + 1]} at row {i}; they must ascend."

            for p in offsets[i] .. offsets[i + 1] - 1 do
                if indices[p] < 0 || indices[p] >= columns then
                    invalidArg "columnIndices" $"row {i} names column {indices[p]}, but there are {columns}, counted from 0."

                if p > offsets[i] && indices[p] <= indices[p - 1] then
                    invalidArg
                        "columnIndices"
                        $"row {i} names column {indices[p]} after {indices[p - 1]}; the columns of a row must ascend. Sort them first."

        SparsityPattern(offsets.Length - 1, columns, offsets, indices)

    /// <summary>Every place of a matrix.</summary>
    /// <exception cref="T:System.ArgumentOutOfRangeException">A size is negative.</exception>
    static member Dense(rows: int, columns: int) : SparsityPattern =
        SparsityPattern.DemandSize("rows", rows)
        SparsityPattern.DemandSize("columns", columns)
        let row = Array.init columns id
        SparsityPattern.OfRows(columns, Array.create rows row)

    // ---- reading

    /// The number of rows.
    member _.Rows = rows
    /// The number of columns.
    member _.Columns = columns
    /// How many places may differ from zero.
    member _.Count = indices.Length
    /// Where each row begins among the column indices, and behind the last row the number of places: rows + 1 numbers.
    member _.RowOffsets: ReadOnlySpan<int> = ReadOnlySpan<int> offsets
    /// The columns of all rows, ascending in each.
    member _.ColumnIndices: ReadOnlySpan<int> = ReadOnlySpan<int> indices
    member internal _.Offsets = offsets
    member internal _.Indices = indices

    /// <summary>The columns of one row, ascending.</summary>
    /// <exception cref="T:System.ArgumentOutOfRangeException">There is no such row.</exception>
    member _.Row(row: int) : ReadOnlySpan<int> =
        if row < 0 || row >= rows then raise (ArgumentOutOfRangeException("row", row, $"the rows are 0 to {rows - 1}."))
        ReadOnlySpan<int>(indices, offsets[row], offsets[row + 1] - offsets[row])

    /// The number of the place among all, or a negative number where the pattern does not have it.
    member internal _.Find(row: int, column: int) : int = Array.BinarySearch(indices, offsets[row], offsets[row + 1] - offsets[row], column)

    /// <summary>Whether a place is one of those that may differ from zero.</summary>
    /// <exception cref="T:System.ArgumentOutOfRangeException">The place lies outside the matrix.</exception>
    member this.Contains(row: int, column: int) : bool =
        if row < 0 || row >= rows then raise (ArgumentOutOfRangeException("row", row, $"the rows are 0 to {rows - 1}."))
        if column < 0 || column >= columns then
            raise (ArgumentOutOfRangeException("column", column, $"the columns are 0 to {columns - 1}."))
        this.Find(row, column) >= 0

    /// The columns of one row, as an array.
    member internal _.RowArray(row: int) : int[] = Array.sub indices offsets[row] (offsets[row + 1] - offsets[row])

    /// The largest number of places in a row.
    member internal _.LongestRow: int =
        let mutable longest = 0

        for i in 0 .. rows - 1 do
            longest <- max longest (offsets[i + 1] - offsets[i])

        longest

    // ---- combining

    /// The pattern of the transposed matrix.
    member _.Transpose() : SparsityPattern =
        let starts = Array.zeroCreate<int>(columns + 1)

        for j in indices do
            starts[j + 1] <- starts[j + 1] + 1

        for j in 0 .. columns - 1 do
            starts[j + 1] <- starts[j + 1] + starts[j]

        let next, turned = Array.copy starts, Array.zeroCreate<int> indices.Length

        for i in 0 .. rows - 1 do
            for p in offsets[i] .. offsets[i + 1] - 1 do
                let j = indices[p]
                turned[next[j]] <- i
                next[j] <- next[j] + 1

        SparsityPattern(columns, rows, starts, turned)

    member private _.DemandFit(other: SparsityPattern) =
        if isNull (box other) then nullArg "other"

        if other.Rows <> rows || other.Columns <> columns then
            invalidArg "other" $"one pattern is {rows} by {columns}, the other {other.Rows} by {other.Columns}: they must be of one size."

    /// <summary>The places of both.</summary>
    /// <exception cref="T:System.ArgumentNullException">other is null.</exception>
    /// <exception cref="T:System.ArgumentException">The sizes differ.</exception>
    member this.Union(other: SparsityPattern) : SparsityPattern =
        this.DemandFit other

        if other.IsSubsetOf this then
            this
        elif this.IsSubsetOf other then
            other
        else
            SparsityPattern.OfRows(
                columns,
                Array.init rows (fun i -> Array.append (this.RowArray i) (other.RowArray i) |> Array.distinct |> Array.sort)
            )

    /// <summary>Whether the other pattern has all places of this one.</summary>
    /// <exception cref="T:System.ArgumentNullException">other is null.</exception>
    /// <exception cref="T:System.ArgumentException">The sizes differ.</exception>
    member this.IsSubsetOf(other: SparsityPattern) : bool =
        this.DemandFit other
        let mutable holds = true
        let mutable i = 0

        while holds && i < rows do
            for p in offsets[i] .. offsets[i + 1] - 1 do
                if holds && other.Find(i, indices[p]) < 0 then holds <- false

            i <- i + 1

        holds

    /// Whether the place (j, i) is there wherever (i, j) is.
    member this.IsSymmetric: bool = rows = columns && this.IsSubsetOf(this.Transpose())

    /// Whether both are of one size and have the same places.
    override _.Equals(other: obj) =
        match other with
        | :? SparsityPattern as other ->
            rows = other.Rows
            && columns = other.Columns
            && offsets.AsSpan().SequenceEqual other.RowOffsets
            && indices.AsSpan().SequenceEqual other.ColumnIndices
        | _ -> false

    override _.GetHashCode() =
        let mutable hash = HashCode()
        hash.Add rows
        hash.Add columns
        for j in indices do
            hash.Add j
        hash.ToHashCode()

    // ---- text

    static member private Largest = 40

    /// The sizes and the number of places; of matrices of up to 40 rows and columns also a picture, × where a place may differ from zero.
    override this.ToString() =
        let text = StringBuilder()
        text.Append($"{rows} by {columns}, {indices.Length} places that may differ from zero") |> ignore

        if rows <= SparsityPattern.Largest && columns <= SparsityPattern.Largest then
            for i in 0 .. rows - 1 do
                text.AppendLine() |> ignore

                for j in 0 .. columns - 1 do
                    text.Append(if this.Find(i, j) >= 0 then "×" else "·").Append(if j < columns - 1 then " " else "") |> ignore

        text.ToString()
