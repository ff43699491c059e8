/// Products, systems of equations, factorisations, functions of matrices, Fourier transforms.
module internal DiffLib.Core.Tests.LinearAlgebraLines

open System
open DiffLib

type private P = TensorProducts

let private all = Between(-2.0, 2.0)

/// Factorisations of symmetric matrices read one triangle, and count a tangent by its symmetric part.
let private symmetric (x: Tensor) = 0.5 * (x + TensorShaping.get_MT x)
let private lower (x: Tensor) = TensorShaping.Tril x
let private upper (x: Tensor) = TensorShaping.get_MT (TensorShaping.Tril x)

/// All products of an element of a column of a and one of the same column of b. The sign of an eigenvector or of a pair of singular vectors is
/// arbitrary and may change from point to point; these products do not have it.
let private pairs (a: Tensor) (b: Tensor) = P.Einsum("...ik,...jk->...ijk", a, b)

let private two name (a: int list) (b: int list) (call: Tensor -> Tensor -> Tensor) = line name [ all; all ] [ [ a; b ] ] (fun x -> call x[0] x[1])

let private products: Line list =
    [ line "MatMul" [ all; all ] [ [ [ 2; 3 ]; [ 3; 4 ] ]; [ [ 0; 3 ]; [ 3; 2 ] ]; [ [ 2; 0 ]; [ 0; 3 ] ] ] (fun x -> P.MatMul(x[0], x[1]))
      two "MatMul of vectors" [ 3 ] [ 3 ] (fun a b -> P.MatMul(a, b))
      two "MatMul of a vector and a matrix" [ 3 ] [ 3; 2 ] (fun a b -> TensorProductMethods.MatMul(a, b))
      two "MatMul of a matrix and a vector" [ 2; 3 ] [ 3 ] (fun a b -> P.MatMul(a, b))
      two "MatMul of stacks" [ 2; 1; 2; 3 ] [ 3; 3; 2 ] (fun a b -> P.MatMul(a, b))
      two "MatMul of a stack and a matrix" [ 2; 2; 3 ] [ 3; 2 ] (fun a b -> P.MatMul(a, b))
      two "MatMul of a matrix and a stack" [ 2; 3 ] [ 2; 3; 2 ] (fun a b -> P.MatMul(a, b))
      line "MatMul by itself" [ all ] [ [ [ 3; 3 ] ] ] (fun x -> P.MatMul(x[0], x[0]))
      two "Dot" [ 2; 3 ] [ 2; 3; 2 ] (fun a b -> P.Dot(a, b))
      two "Dot of vectors" [ 3 ] [ 3 ] (fun a b -> TensorProductMethods.Dot(a, b))
      two "Inner" [ 2; 3 ] [ 4; 3 ] (fun a b -> P.Inner(a, b))
      two "Outer" [ 2 ] [ 3 ] (fun a b -> P.Outer(a, b))
      two "VDot" [ 2; 3 ] [ 6 ] (fun a b -> P.VDot(a, b))
      two "VecDot" [ 2; 3 ] [ 2; 3 ] (fun a b -> P.VecDot(a, b, 0))
      two "TensorDot" [ 2; 3; 2 ] [ 3; 2; 2 ] (fun a b -> P.TensorDot(a, b, 2))
      two "TensorDot over axes" [ 2; 3; 2 ] [ 2; 2; 3 ] (fun a b -> P.TensorDot(a, b, [| 1; 0 |], [| 2; 0 |]))
      two "Einsum of matrices" [ 2; 3 ] [ 3; 4 ] (fun a b -> P.Einsum("ij,jk->ki", a, b))
      two "Einsum of stacks" [ 2; 2; 3 ] [ 2; 3 ] (fun a b -> P.Einsum("bij,bj->b", a, b))
      line "Einsum of a diagonal" [ all ] [ [ [ 3; 3 ] ] ] (fun x -> P.Einsum("ii->i", x[0] * x[0]))
      line "Einsum of three" [ all; all; all ] [ [ [ 2; 3 ]; [ 3; 2 ]; [ 2 ] ] ] (fun x -> P.Einsum("ij,jk,k->i", x[0], x[1], x[2]))
      line "Einsum with an ellipsis" [ all; all ] [ [ [ 2; 2; 3 ]; [ 3; 2 ] ] ] (fun x -> P.Einsum("...ij,jk->...ik", x[0], x[1]))
      two "Kron" [ 2; 2 ] [ 2; 3 ] (fun a b -> P.Kron(a, b))
      two "Cross" [ 2; 3 ] [ 3 ] (fun a b -> P.Cross(a, b))
      line "MultiDot" [ all; all; all ] [ [ [ 3 ]; [ 3; 2 ]; [ 2; 4 ] ] ] (fun x -> P.MultiDot x)
      line "AddMM" [ all; all; all ] [ [ [ 4 ]; [ 2; 3 ]; [ 3; 4 ] ] ] (fun x -> P.AddMM(x[0], x[1], x[2], 0.5, 2.0))
      line "AddBatchMM" [ all; all; all ] [ [ [ 2; 4 ]; [ 3; 2; 3 ]; [ 3; 3; 4 ] ] ] (fun x -> P.AddBatchMM(x[0], x[1], x[2], 0.5, 2.0))
      line "AddOuter" [ all; all; all ] [ [ [ 2; 3 ]; [ 2 ]; [ 3 ] ] ] (fun x -> P.AddOuter(x[0], x[1], x[2], 0.5, 2.0))
      line "CDist" [ Between(0.5, 1.0); Between(-1.0, -0.5) ] [ [ [ 2; 3 ]; [ 4; 3 ] ] ] (fun x -> P.CDist(x[0], x[1]))
      lineOf [] "Cofactor derivative" [ Regular; all ] [ [ [ 3; 3 ]; [ 3; 3 ] ] ] (fun x -> Tensor.Apply(CofactorDerivativeRule.Instance, x[0], x[1]))
      |> condition 10.0
      |> once ]

let private ofMatrix name domain shape (call: Tensor -> Tensor) =
    lineOf [ $"Linalg.{(name: string).Split(' ').[0]}" ] name [ domain ] [ [ shape ] ] (fun x -> call x[0])

let private ofTwo name domains a b (call: Tensor -> Tensor -> Tensor) =
    lineOf [ $"Linalg.{(name: string).Split(' ').[0]}" ] name domains [ [ a; b ] ] (fun x -> call x[0] x[1])

let private systems: Line list =
    [ ofTwo "Solve" [ Regular; all ] [ 3; 3 ] [ 3; 2 ] (fun a b -> Linalg.Solve(a, b))
      ofTwo "Solve for a vector" [ Regular; all ] [ 3; 3 ] [ 3 ] (fun a b -> Linalg.Solve(a, b))
      ofTwo "Solve a stack" [ Regular; all ] [ 2; 2; 2 ] [ 2; 1 ] (fun a b -> Linalg.Solve(a, b))
      lineOf [] "Solve the transpose" [ Regular; all ] [ [ [ 3; 3 ]; [ 3; 2 ] ] ] (fun x -> Tensor.Apply(SolveRule.Transposed, x[0], x[1]))
      ofTwo "SolveTriangular, upper" [ Factor; all ] [ 3; 3 ] [ 3; 2 ] (fun a b -> Linalg.SolveTriangular(a, b, true))
      ofTwo "SolveTriangular, lower, ones on the diagonal" [ Factor; all ] [ 3; 3 ] [ 3 ] (fun a b -> Linalg.SolveTriangular(a, b, false, true))
      ofTwo "SolveTriangular from the right" [ Factor; all ] [ 3; 3 ] [ 2; 3 ] (fun a b -> Linalg.SolveTriangular(a, b, false, false, false))
      ofTwo "SolvePositiveDefinite" [ Definite; all ] [ 3; 3 ] [ 3; 2 ] (fun a b -> Linalg.SolvePositiveDefinite(symmetric a, b))
      ofTwo "SolvePositiveDefinite, a stack, one vector" [ Definite; all ] [ 2; 3; 3 ] [ 3 ] (fun a b -> Linalg.SolvePositiveDefinite(symmetric a, b))
      ofTwo "SolvePositiveDefinite of a triangle" [ Definite; all ] [ 3; 3 ] [ 3 ] (fun a b -> Linalg.SolvePositiveDefinite(a, b))
      |> byConvention
      |> once
      lineOf
          [ "Linalg.SolveTridiagonal" ]
          "SolveTridiagonal"
          [ all; Between(4.0, 6.0); all; all ]
          [ [ [ 3 ]; [ 4 ]; [ 3 ]; [ 4; 2 ] ]; [ [ 3 ]; [ 2; 4 ]; [ 3 ]; [ 4 ] ]; [ [ 0 ]; [ 1 ]; [ 0 ]; [ 1 ] ] ]
          (fun x -> Linalg.SolveTridiagonal(x[0], x[1], x[2], x[3]))
      lineOf
          []
          "SolveTridiagonal, rows exchanged"
          [ Between(2.0, 3.0); Between(0.2, 0.5); Between(1.0, 1.5); all ]
          [ [ [ 3 ]; [ 4 ]; [ 3 ]; [ 4 ] ] ]
          (fun x -> Linalg.SolveTridiagonal(x[0], x[1], x[2], x[3]))
      |> condition 100.0
      lineOf
          [ "Linalg.Sylvester" ]
          "Sylvester"
          [ Regular; Regular; all ]
          [ [ [ 3; 3 ]; [ 2; 2 ]; [ 3; 2 ] ]; [ [ 3; 3 ]; [ 2; 2; 2 ]; [ 1; 3; 2 ] ] ]
          (fun x -> Linalg.Sylvester(x[0], x[1], x[2]))
      |> condition 10.0
      |> roughly
      ofTwo "Lyapunov" [ Regular; all ] [ 3; 3 ] [ 3; 3 ] (fun a q -> Linalg.Lyapunov(a, q)) |> condition 10.0 |> roughly
      ofTwo "DiscreteLyapunov" [ Between(-0.4, 0.4); all ] [ 3; 3 ] [ 3; 3 ] (fun a q -> Linalg.DiscreteLyapunov(a, q))
      |> condition 10.0
      |> roughly
      ofMatrix "Inverse" Regular [ 2; 3; 3 ] Linalg.Inverse
      ofMatrix "Det" Regular [ 3; 3 ] Linalg.Det
      ofMatrix "Det of a stack" Regular [ 2; 2; 2 ] Linalg.Det
      // the last row nearly the sum of the others: cofactors by singular values, not by the inverse
      ofMatrix "Det near singularity" Regular [ 3; 3 ] (fun x ->
          1e4 * Linalg.Det(P.MatMul(Points.tensor x.DType [| 3; 3 |] [| 1.0; 0.0; 0.0; 0.0; 1.0; 0.0; 1.0; 1.0; 1e-4 |], x)))
      |> condition 1e4
      ofMatrix "SlogDet" Regular [ 2; 3; 3 ] (fun x -> let struct (_, y) = Linalg.SlogDet x in y)
      ofMatrix "LogDet" Regular [ 3; 3 ] Linalg.LogDet
      ofMatrix "Cholesky" Definite [ 2; 3; 3 ] (fun x -> Linalg.Cholesky(symmetric x))
      // of any matrix: the lower triangle is read, a tangent counts by its symmetric part
      ofMatrix "Cholesky of a triangle" Definite [ 3; 3 ] (fun x -> Linalg.Cholesky x) |> byConvention |> once
      ofMatrix "Cholesky, upper" Definite [ 3; 3 ] (fun x -> Linalg.Cholesky(symmetric x, true))
      ofTwo "CholeskySolve" [ Factor; all ] [ 3; 3 ] [ 3; 2 ] (fun a b -> Linalg.CholeskySolve(lower a, b))
      ofTwo "CholeskySolve, upper" [ Factor; all ] [ 3; 3 ] [ 3 ] (fun a b -> Linalg.CholeskySolve(upper a, b, true))
      ofMatrix "CholeskyInverse" Factor [ 3; 3 ] (fun x -> Linalg.CholeskyInverse(lower x))
      ofTwo "Lstsq" [ Regular; all ] [ 4; 3 ] [ 4 ] (fun a b -> Linalg.Lstsq(a, b))
      ofTwo "Lstsq of a wide matrix" [ Regular; all ] [ 2; 3 ] [ 2; 2 ] (fun a b -> Linalg.Lstsq(a, b))
      ofTwo "Lstsq of a stack, one right-hand side" [ Regular; all ] [ 2; 3; 2 ] [ 3; 2 ] (fun a b -> Linalg.Lstsq(a, b))
      ofMatrix "Pinv" Regular [ 4; 3 ] (fun x -> Linalg.Pinv x)
      ofMatrix "Pinv of a wide matrix" Regular [ 2; 3 ] (fun x -> Linalg.Pinv x)
      ofMatrix "TensorInverse" Regular [ 4; 4 ] (fun x -> Linalg.TensorInverse(TensorShaping.Reshape(x, 4, 2, 2), 1))
      ofTwo "TensorSolve" [ Regular; all ] [ 4; 4 ] [ 4 ] (fun a b -> Linalg.TensorSolve(TensorShaping.Reshape(a, 4, 2, 2), b)) ]

let private factorisations: Line list =
    [ ofMatrix "Lu" Regular [ 3; 3 ] (fun x -> let struct (_, l, u) = Linalg.Lu x in together [ l; u ])
      ofMatrix "Lu of a stack of tall matrices" Regular [ 2; 4; 3 ] (fun x -> let struct (_, l, u) = Linalg.Lu x in together [ l; u ])
      ofMatrix "Lu of a wide matrix" Regular [ 2; 3 ] (fun x -> let struct (_, l, u) = Linalg.Lu x in together [ l; u ])
      ofMatrix "Qr" Regular [ 4; 3 ] (fun x -> let struct (q, r) = Linalg.Qr x in together [ q; r ])
      ofMatrix "Qr, only Q" Regular [ 3; 3 ] (fun x -> let struct (q, _) = Linalg.Qr x in q)
      ofMatrix "Qr, only R" Regular [ 3; 3 ] (fun x -> let struct (_, r) = Linalg.Qr x in r)
      ofMatrix "Qr of a wide matrix" Regular [ 2; 3 ] (fun x -> let struct (q, r) = Linalg.Qr x in together [ q; r ])
      ofMatrix "Qr, complete, of a tall matrix" Regular [ 2; 4; 2 ] (fun x ->
          let struct (q, r) = Linalg.Qr(x, true)
          let rest = q[TensorIndex.Ellipsis, TensorIndex.op_Implicit (System.Range.StartAt 2)]
          together [ q[TensorIndex.Ellipsis, TensorIndex.op_Implicit (System.Range.EndAt 2)]; P.Einsum("...ik,...jk->...ij", rest, rest); r ])
      ofMatrix "Eigh" Definite [ 3; 3 ] (fun x -> let struct (l, q) = Linalg.Eigh(symmetric x) in together [ l; pairs q q ])
      ofMatrix "Eigh, only vectors" Definite [ 2; 3; 3 ] (fun x -> let struct (_, q) = Linalg.Eigh(symmetric x) in pairs q q)
      ofMatrix "Eigvalsh" Definite [ 3; 3 ] (fun x -> Linalg.Eigvalsh(symmetric x))
      ofMatrix "Eigvals" Regular [ 3; 3 ] (fun x -> let struct (re, im) = Linalg.Eigvals x in together [ re; im ])
      ofMatrix "Eigvals, complex" (Between(-0.5, 0.5)) [ 2; 2 ] (fun x ->
          let struct (re, im) = Linalg.Eigvals(x + Points.tensor x.DType [| 2; 2 |] [| 0.0; -2.0; 1.0; 0.5 |]) in together [ re; im * im ])
      ofMatrix "Svd" Regular [ 3; 3 ] (fun x -> let struct (u, s, v) = Linalg.Svd x in together [ s; pairs u u; pairs u (TensorShaping.get_MT v) ])
      ofMatrix "Svd of a stack, U of tall matrices" Regular [ 2; 4; 3 ] (fun x -> let struct (u, _, _) = Linalg.Svd x in pairs u u)
      ofMatrix "Svd, V of a wide matrix" Regular [ 2; 4 ] (fun x ->
          let struct (_, _, v) = Linalg.Svd x in pairs (TensorShaping.get_MT v) (TensorShaping.get_MT v))
      ofMatrix "Svd of a tall matrix" Regular [ 3; 2 ] (fun x ->
          let struct (u, s, v) = Linalg.Svd x in together [ s; pairs u (TensorShaping.get_MT v) ])
      ofMatrix "Svd of a wide matrix" Regular [ 2; 3 ] (fun x ->
          let struct (u, s, v) = Linalg.Svd x in together [ s; pairs u (TensorShaping.get_MT v) ])
      ofMatrix "SingularValues" Regular [ 4; 3 ] Linalg.SingularValues
      ofMatrix "MatrixNorm, Frobenius" Regular [ 2; 3; 3 ] (fun x -> Linalg.MatrixNorm x)
      ofMatrix "MatrixNorm, nuclear" Regular [ 3; 3 ] (fun x -> Linalg.MatrixNorm(x, MatrixNormKind.Nuclear))
      ofMatrix "MatrixNorm, spectral" Regular [ 3; 3 ] (fun x -> Linalg.MatrixNorm(x, MatrixNormKind.Spectral))
      ofMatrix "MatrixNorm, smallest" Regular [ 3; 3 ] (fun x -> Linalg.MatrixNorm(x, MatrixNormKind.SmallestSingularValue))
      ofMatrix "MatrixNorm, columns" Regular [ 3; 3 ] (fun x -> Linalg.MatrixNorm(x * x * x, MatrixNormKind.One))
      ofMatrix "MatrixNorm, rows" Regular [ 3; 3 ] (fun x -> Linalg.MatrixNorm(x * x * x, MatrixNormKind.MinusInfinity))
      ofMatrix "Cond" Regular [ 3; 3 ] (fun x -> Linalg.Cond x)
      ofMatrix "Cond, Frobenius" Regular [ 3; 3 ] (fun x -> Linalg.Cond(x, MatrixNormKind.Frobenius))
      ofMatrix "Eigvalsh of a triangle" Definite [ 3; 3 ] Linalg.Eigvalsh |> byConvention |> once
      ofMatrix "SymmetricFunction of a triangle" Definite [ 3; 3 ] (fun x -> Linalg.SymmetricFunction(Func<_, _>(fun (l: Tensor) -> log l), x))
      |> byConvention
      |> once
      // the identity plus rounding: all eigenvalues close to each other, and those of the first matrix of a stack equal
      ofMatrix "SymmetricFunction at close eigenvalues" (Between(-1.0, 1.0)) [ 3; 3 ] (fun x ->
          Linalg.SymmetricFunction(Func<_, _>(fun (l: Tensor) -> sqrt l), TensorCreation.Eye(3).Cast(x.DType) + 1e-4 * symmetric x))
      ofMatrix "SymmetricFunction" Definite [ 3; 3 ] (fun x -> Linalg.SymmetricFunction(Func<_, _>(fun (l: Tensor) -> log l), symmetric x)) ]
    |> List.map (condition 10.0)

let private functions: Line list =
    [ ofMatrix "Trace" all [ 2; 3; 3 ] (fun x -> Linalg.Trace(x * x))
      ofMatrix "MatrixPower" Regular [ 3; 3 ] (fun x -> Linalg.MatrixPower(x, 5)) |> condition 10.0
      ofMatrix "MatrixPower, negative" Regular [ 3; 3 ] (fun x -> Linalg.MatrixPower(x, -2)) |> condition 10.0
      ofMatrix "MatrixExp" (Between(-1.0, 1.0)) [ 3; 3 ] Linalg.MatrixExp |> condition 10.0 |> roughly
      ofMatrix "MatrixExp, squaring" (Between(-4.0, 4.0)) [ 3; 3 ] Linalg.MatrixExp |> condition 100.0 |> roughly
      ofMatrix "MatrixLog" Regular [ 3; 3 ] Linalg.MatrixLog |> condition 10.0 |> roughly
      ofMatrix "MatrixSqrt" Regular [ 2; 3; 3 ] Linalg.MatrixSqrt |> condition 10.0 |> roughly
      ofMatrix "MatrixPower, fractional" Regular [ 3; 3 ] (fun x -> Linalg.MatrixPower(x, -0.3)) |> condition 10.0 |> roughly
      ofMatrix "Vander" (Between(0.4, 1.5)) [ 3 ] (fun x -> Linalg.Vander(x, 4))
      ofTwo "HouseholderProduct" [ all; Between(0.3, 1.2) ] [ 4; 3 ] [ 2 ] (fun a t -> Linalg.HouseholderProduct(a, t)) ]

let private ofTransform name operation shapes (call: Tensor[] -> Tensor) =
    lineOf [ $"Fourier.{operation}" ] name (shapes |> List.map (fun _ -> all)) [ shapes ] (fun xs -> call (xs |> Array.map (fun x -> x * x)))
let private complex (struct (re: Tensor, im: Tensor)) = together [ re; 2.0 * im ]

let private transforms: Line list =
    [ ofTransform "Fourier" "Forward" [ [ 2; 4 ]; [ 2; 4 ] ] (fun x -> complex (Fourier.Forward(x[0], x[1])))
      ofTransform "Fourier along the first axis, orthonormal" "Forward" [ [ 3; 2 ]; [ 3; 2 ] ] (fun x ->
          complex (Fourier.Forward(x[0], x[1], 0, FourierNorm.Orthonormal)))
      ofTransform "Fourier, inverse" "Inverse" [ [ 5 ]; [ 5 ] ] (fun x -> complex (Fourier.Inverse(x[0], x[1])))
      ofTransform "Fourier of real numbers, even" "Rfft" [ [ 2; 4 ] ] (fun x -> complex (Fourier.Rfft x[0]))
      ofTransform "Fourier of real numbers, odd" "Rfft" [ [ 5; 2 ] ] (fun x -> complex (Fourier.Rfft(x[0], 0)))
      ofTransform "Fourier to real numbers, even" "Irfft" [ [ 2; 3 ]; [ 2; 3 ] ] (fun x -> Fourier.Irfft(x[0], x[1]))
      ofTransform "Fourier to real numbers, odd" "Irfft" [ [ 2; 3 ]; [ 2; 3 ] ] (fun x -> Fourier.Irfft(x[0], x[1], 5)) ]

let lines: Line list = products @ systems @ factorisations @ functions @ transforms
