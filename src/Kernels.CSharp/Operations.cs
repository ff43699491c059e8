namespace DiffLib.Kernels;

/// <summary>Elementwise functions of one real argument. float64 and float32 take all of them; integers take those that keep integers.</summary>
public enum UnaryOp : byte
{
    /// <summary>-x.</summary>
    Negate,
    /// <summary>|x|.</summary>
    Abs,
    /// <summary>-1, 0 or 1 (NaN for NaN; -0 stays -0).</summary>
    Sign,
    /// <summary>x·x.</summary>
    Square,
    /// <summary>1/x.</summary>
    Reciprocal,
    /// <summary>√x.</summary>
    Sqrt,
    /// <summary>1/√x.</summary>
    Rsqrt,
    /// <summary>∛x.</summary>
    Cbrt,
    /// <summary>eˣ.</summary>
    Exp,
    /// <summary>2ˣ.</summary>
    Exp2,
    /// <summary>eˣ - 1, accurate near 0.</summary>
    Expm1,
    /// <summary>ln x.</summary>
    Log,
    /// <summary>log₂ x.</summary>
    Log2,
    /// <summary>log₁₀ x.</summary>
    Log10,
    /// <summary>ln(1 + x), accurate near 0.</summary>
    Log1p,
    /// <summary>sin x.</summary>
    Sin,
    /// <summary>cos x.</summary>
    Cos,
    /// <summary>tan x.</summary>
    Tan,
    /// <summary>arcsin x.</summary>
    Asin,
    /// <summary>arccos x.</summary>
    Acos,
    /// <summary>arctan x.</summary>
    Atan,
    /// <summary>sinh x.</summary>
    Sinh,
    /// <summary>cosh x.</summary>
    Cosh,
    /// <summary>tanh x.</summary>
    Tanh,
    /// <summary>arsinh x.</summary>
    Asinh,
    /// <summary>arcosh x.</summary>
    Acosh,
    /// <summary>artanh x.</summary>
    Atanh,
    /// <summary>sech² x, the slope of tanh, accurate in the tails.</summary>
    Sech2,
    /// <summary>1/(1 + e⁻ˣ).</summary>
    Sigmoid,
    /// <summary>σ(x)·σ(-x), the slope of the sigmoid, accurate in the tails.</summary>
    SigmoidSlope,
    /// <summary>ln(1 + eˣ), accurate in the tails.</summary>
    Softplus,
    /// <summary>max(x, 0).</summary>
    Relu,
    /// <summary>1 where x &gt; 0, else 0 (NaN for NaN).</summary>
    Step,
    /// <summary>Largest integer not above x.</summary>
    Floor,
    /// <summary>Smallest integer not below x.</summary>
    Ceiling,
    /// <summary>Nearest integer, ties to even.</summary>
    Round,
    /// <summary>Towards zero.</summary>
    Truncate,
    /// <summary>The error function.</summary>
    Erf,
    /// <summary>1 - erf x, accurate in the tail.</summary>
    Erfc,
    /// <summary>e^(x²) erfc x.</summary>
    Erfcx,
    /// <summary>The inverse of erf.</summary>
    ErfInv,
    /// <summary>The standard normal distribution function Φ.</summary>
    Ndtr,
    /// <summary>The inverse of Φ.</summary>
    Ndtri,
    /// <summary>ln Φ, accurate in the left tail.</summary>
    LogNdtr,
    /// <summary>ln |Γ(x)|.</summary>
    Lgamma,
    /// <summary>ψ(x), the derivative of lgamma.</summary>
    Digamma,
    /// <summary>Modified Bessel function of the first kind, order 0.</summary>
    I0,
    /// <summary>e^(-|x|) I₀(x).</summary>
    I0e,
    /// <summary>Modified Bessel function of the first kind, order 1.</summary>
    I1,
    /// <summary>e^(-|x|) I₁(x).</summary>
    I1e,
    /// <summary>sin(πx)/(πx), 1 at 0.</summary>
    Sinc,
    /// <summary>-x ln x; 0 at 0; -∞ below.</summary>
    Entr,
}

/// <summary>Elementwise functions of two arguments of one element type.</summary>
public enum BinaryOp : byte
{
    /// <summary>a + b.</summary>
    Add,
    /// <summary>a - b.</summary>
    Subtract,
    /// <summary>a·b.</summary>
    Multiply,
    /// <summary>a/b.</summary>
    Divide,
    /// <summary>a·b where both differ from 0, else 0, also against ∞ and NaN: the product in which a zero absorbs.</summary>
    Scale,
    /// <summary>aᵇ.</summary>
    Power,
    /// <summary>The angle of (b, a): atan2(a, b).</summary>
    Atan2,
    /// <summary>The larger; NaN if either is.</summary>
    Maximum,
    /// <summary>The smaller; NaN if either is.</summary>
    Minimum,
    /// <summary>The larger; a NaN loses.</summary>
    MaximumNumber,
    /// <summary>The smaller; a NaN loses.</summary>
    MinimumNumber,
    /// <summary>√(a² + b²) without overflow.</summary>
    Hypot,
    /// <summary>Remainder of truncated division: sign of a.</summary>
    FMod,
    /// <summary>Remainder of floored division: sign of b.</summary>
    Remainder,
    /// <summary>⌊a/b⌋.</summary>
    FloorDivide,
    /// <summary>|a| with the sign of b.</summary>
    CopySign,
    /// <summary>ln(eᵃ + eᵇ).</summary>
    LogAddExp,
    /// <summary>log₂(2ᵃ + 2ᵇ).</summary>
    LogAddExp2,
    /// <summary>a ln b; 0 where a is 0 and b is not NaN.</summary>
    Xlogy,
    /// <summary>a ln(1 + b); 0 where a is 0 and b is not NaN.</summary>
    Xlog1py,
    /// <summary>The next representable number after a towards b.</summary>
    NextAfter,
    /// <summary>0 below 0, b at 0, 1 above (a is the argument).</summary>
    Heaviside,
    /// <summary>Regularised lower incomplete gamma function P(a, b).</summary>
    Igamma,
    /// <summary>Regularised upper incomplete gamma function Q(a, b).</summary>
    Igammac,
    /// <summary>Polygamma of order a (a whole number ≥ 0) at b.</summary>
    Polygamma,
    /// <summary>The derivative of order a (a whole number ≥ 0) of sinc at b.</summary>
    SincDerivative,
    /// <summary>Modified Bessel function of the first kind of order a (a whole number) at b.</summary>
    BesselI,
    /// <summary>e^(-|b|) times the modified Bessel function of the first kind of order a (a whole number) at b.</summary>
    BesselIe,
    /// <summary>The derivative of P(a, b), the regularised lower incomplete gamma function, in its shape a.</summary>
    IgammaShapeSlope,
}

/// <summary>Comparisons; NaN is unequal to everything.</summary>
public enum CompareOp : byte
{
    /// <summary>a = b.</summary>
    Equal,
    /// <summary>a ≠ b.</summary>
    NotEqual,
    /// <summary>a &lt; b.</summary>
    Less,
    /// <summary>a ≤ b.</summary>
    LessOrEqual,
    /// <summary>a &gt; b.</summary>
    Greater,
    /// <summary>a ≥ b.</summary>
    GreaterOrEqual,
}

/// <summary>Reductions of the middle axis of an [outer; n; inner] block.</summary>
public enum ReduceOp : byte
{
    /// <summary>Sum: pairwise in float64, in float64 for float32. Empty: 0.</summary>
    Sum,
    /// <summary>Product. Empty: 1.</summary>
    Product,
    /// <summary>Largest; NaN if any is. Not empty.</summary>
    Maximum,
    /// <summary>Smallest; NaN if any is. Not empty.</summary>
    Minimum,
}

/// <summary>Running versions along the middle axis of an [outer; n; inner] block.</summary>
public enum ScanOp : byte
{
    /// <summary>Running sum.</summary>
    Sum,
    /// <summary>Running product.</summary>
    Product,
}
