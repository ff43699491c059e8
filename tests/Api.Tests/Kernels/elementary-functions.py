import mpmath as mp, random, struct, math
mp.mp.prec=1400
random.seed(7)
def bits(x): return struct.unpack('<q',struct.pack('<d',x))[0]
def rnd(v):
    # correctly rounded double incl. subnormals/overflow
    if v==0: return 0.0
    if mp.isnan(v): return float('nan')
    if abs(v)>=mp.mpf(2)**1024: return math.copysign(float('inf'), 1 if v>0 else -1)
    e=int(mp.floor(mp.log(abs(v),2)))
    if mp.mpf(2)**e>abs(v): e-=1
    if mp.mpf(2)**(e+1)<=abs(v): e+=1
    q=max(e-52,-1074)
    m=int(mp.nint(v*mp.mpf(2)**(-q)))
    try: return math.ldexp(m,q)
    except OverflowError: return math.copysign(float('inf'), m)
M=mp.mpf
tiny=[5e-324,2.2250738585072014e-308,1e-310,1e-300,1e-100,1e-20,1.1e-16,5.6e-17,1e-10,1e-8,1e-5,1e-3]
mid=[0.01,0.1,0.2,0.3,0.34657,0.35,0.4142135623730951,0.5,0.6931471805599453,0.7,0.7071067811865475,0.7071067811865476,0.75,0.9,0.99,0.9999999,1.0,1.0000000000000002,1.0000001,1.01,1.1,1.4142135623730951,1.5,2.0,2.414213562373095,2.5,3.0,math.pi/2,math.pi,5.0,7.3,10.0,12.5,18.3,19.9,20.0,21.9,22.0,22.1,30.0]
big=[37.0,40.0,100.0,355.0,700.0,708.3,709.7,709.782712893384,710.0,710.4,710.475,711.0,740.0,745.1,745.2,1000.0,1e4,12345.678,1e5,1e6]
huge=[1e8,1073741823.5,1073741825.5,1e10,1e15,4503599627370497.5,1e16,1e17,1.1e17,1e22,1e100,1e150,1e300,1.7976931348623157e308]
R=lambda a,b,n=25:[random.uniform(a,b) for _ in range(n)]
L=lambda a,b,n=25:[10**random.uniform(a,b) for _ in range(n)]
pm=lambda xs:[s*x for x in xs for s in(1,-1)]
allp=tiny+mid+big+huge
F={
'Exp':(mp.exp,pm(tiny+mid+big)+R(-700,700)+R(-2,2)+R(-745,-708,10)),
'Exp2':(lambda x:mp.power(2,x),pm(tiny+mid)+[1023.5,1023.99999,-1022.0,-1022.5,-1050.3,-1073.9,1000.1,-1074.0]+R(-1000,1000)+R(-2,2)),
'Expm1':(mp.expm1,pm(tiny+mid+big)+R(-2,2,50)+R(-40,700)),
'Log':(mp.log,allp+L(-320,308)+R(.5,2,50)),
'Log2':(lambda x:mp.log(x)/mp.log(2),allp+L(-320,308)+R(.5,2,50)+[8.0,1024.0,2**-1074*1.0,0.125]),
'Log10':(lambda x:mp.log(x)/mp.log(10),allp+L(-320,308)+R(.5,2,50)+[1000.0,1e22]),
'Log1p':(mp.log1p,allp+[-x for x in tiny+mid if x<1]+L(-300,300)+R(-.99,1,50)+[-1+2**-53,-0.9999999999]),
'Sin':(mp.sin,pm(allp)+R(-10,10,50)+R(-1e6,1e6)+R(-1e9,1e9)+[22.0,355.0,103993.0,3.141592653589793*1000,6.283185307179586,573204.0,37362253.0*1.0]),
'Cos':(mp.cos,pm(allp)+R(-10,10,50)+R(-1e6,1e6)+R(-1e9,1e9)+[11.0,355/2,4.71238898038469,1.5707963267948966,52174.0]),
'Tan':(mp.tan,pm(allp)+R(-10,10,50)+R(-1e6,1e6)+R(-1e9,1e9)+[11.0,355/2,4.71238898038469]),
'Asin':(mp.asin,pm([x for x in tiny+mid if x<=1])+R(-1,1,50)+[1-2**-53,0.999999999999]),
'Acos':(mp.acos,pm([x for x in tiny+mid if x<=1])+R(-1,1,50)+[1-2**-53,0.999999999999]),
'Atan':(mp.atan,pm(allp)+R(-5,5,50)),
'Sinh':(mp.sinh,pm(tiny+mid+big[:11])+R(-3,3,50)+R(-30,30)),
'Cosh':(mp.cosh,pm(tiny+mid+big[:11])+R(-3,3,50)+R(-30,30)),
'Tanh':(mp.tanh,pm(tiny+mid+big)+R(-3,3,50)+R(-22,22)),
'Asinh':(mp.asinh,pm(allp)+R(-3,3,50)+L(-10,20)),
'Acosh':(mp.acosh,[x for x in mid+big+huge if x>=1]+R(1,3,50)+[1+2**-52,1+1e-10,1+1e-5]),
'Atanh':(mp.atanh,pm([x for x in tiny+mid if x<1])+R(-1,1,50)+[1-2**-53,0.999999999]),
'Sech2':(lambda x:1/mp.cosh(x)**2,pm(tiny+mid+[37.,100.,300.,354.,355.,360.,370.,372.,372.5,373.])+R(-3,3)+R(-370,370)),
'Sigmoid':(lambda x:1/(1+mp.exp(-x)),pm(tiny+mid+big)+R(-5,5)+R(-745,40)),
'SigmoidSlope':(lambda x:mp.exp(-x)/(1+mp.exp(-x))**2,pm(tiny+mid+big)+R(-5,5)+R(-745,745)),
'Softplus':(lambda x:mp.log1p(mp.exp(x)),pm(tiny+mid+big)+R(-5,5)+R(-745,40)),
'Sinc':(lambda x:mp.sin(mp.pi*x)/(mp.pi*x),pm(tiny+mid)+R(-5,5,50)+R(-1e6,1e6)+[2.0000001,3.0000000000000004,0.9999999999999999,1e15+.5,123456789.25]),
'Entr':(lambda x:-x*mp.log(x),allp+R(.5,2)+L(-300,300)),
'Rsqrt':(lambda x:1/mp.sqrt(x),allp+L(-300,300)),
'Cbrt':(lambda x:mp.sign(x)*mp.cbrt(abs(x)),pm(allp)+L(-300,300)),
'Square':(lambda x:x*x,pm([x for x in allp])+R(-3,3)),
}
G2={
'Hypot':(lambda a,b:mp.sqrt(a*a+b*b),[(3.0,4.0),(1e200,1e200),(1e-200,1e-200),(5e-324,5e-324),(1e308,1e308),(1e150,1e-10),(1e-300,1e-310),(1.0,1e-8),(1e-131,1e-129)]+[(random.uniform(-5,5),random.uniform(-5,5)) for _ in range(60)]),
'LogAddExp':(lambda a,b:mp.log(mp.exp(a)+mp.exp(b)),[(1000.0,1000.0),(-1000.0,-1000.0),(0.0,-40.0),(0.0,40.0),(-1000.0,-999.0),(1.0,2.0),(3.0,-700.0),(-3.0,-745.0),(0.5,0.5)]+[(random.uniform(0,5),random.uniform(0,5)) for _ in range(40)]),
'LogAddExp2':(lambda a,b:mp.log(mp.power(2,a)+mp.power(2,b))/mp.log(2),[(1000.0,1000.0),(-1000.0,-1000.0),(0.0,-40.0),(0.0,40.0),(3.0,2.0)]+[(random.uniform(0,5),random.uniform(0,5)) for _ in range(40)]),
'Xlogy':(lambda a,b:a*mp.log(b),[(2.0,3.0),(1e-300,1e300),(5.0,1.0000000000000002),(-2.0,0.3),(3.0,5e-324)]+[(random.uniform(-5,5),10**random.uniform(-5,5)) for _ in range(40)]),
'Xlog1py':(lambda a,b:a*mp.log1p(b),[(2.0,3.0),(1e-300,1e300),(5.0,1e-20),(-2.0,-0.3),(3.0,5e-324)]+[(random.uniform(-5,5),10**random.uniform(-20,5)) for _ in range(40)]),
'Power':(lambda a,b:mp.power(a,b),[(2.0,10.0),(0.5,-3.3),(10.0,-320.0),(1.0000000001,1e10),(3.0,0.5),(7.0,3.0),(1e-105,3.0),(9.0,-1.0),(1.5,1.5),(2.0,0.5),(1e300,1.02)]+[(10**random.uniform(-3,3),random.uniform(-20,20)) for _ in range(40)]),
'Atan2':(lambda a,b:mp.atan2(a,b),[(1.0,2.0),(1e-300,1e10),(-1.0,-1e-20),(3.0,-4.0)]+[(random.uniform(-5,5),random.uniform(-5,5)) for _ in range(40)]),
}
import sys
# repr strings
with open(sys.argv[1],'w') as f:
    for op,(g,xs) in F.items():
        for x in dict.fromkeys(xs):
            v=rnd(g(M(x)))
            f.write(f'{op} {x!r} {v!r}\n')
    for op,(g,xs) in G2.items():
        for a,b in dict.fromkeys(xs):
            f.write(f'{op} {a!r} {b!r} {rnd(g(M(a),M(b)))!r}\n')
