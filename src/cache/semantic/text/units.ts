/** A unit: what it measures, and how many of the first of its line it is. */
export interface Unit {
  readonly dimension: string;
  readonly factor: number;
}

const LINES = `
byte=b byte bytes:1 kb kilobyte kilobytes:1e3 mb megabyte megabytes:1e6 gb gigabyte gigabytes gig gigs:1e9 tb terabyte terabytes:1e12
bibyte=kib:1024 mib:1048576 gib:1073741824
bit=bit bits:1 kbps:1e3 mbps mbit:1e6 gbps gbit:1e9
gram=g gram grams:1 kg kilo kilos kilogram kilograms:1e3 mg milligram milligrams:1e-3 mcg µg μg microgram micrograms:1e-6 ton tons tonne tonnes:1e6
pound=lb lbs:1 oz ounce ounces:0.0625
meter=m meter meters metre metres:1 km kilometer kilometers kilometre kilometres:1e3 cm centimeter centimeters centimetre centimetres:1e-2 mm millimeter millimeters millimetre millimetres:1e-3
inch=in inch inches:1 ft foot feet:12 yd yard yards:36 mi mile miles:63360
liter=l liter liters litre litres:1 ml milliliter milliliters millilitre millilitres:1e-3 cl:1e-2 dl:1e-1
cup=cup cups:1 tbsp tablespoon tablespoons:0.0625 tsp teaspoon teaspoons:0.0208333 gallon gallons:16 pint pints:2
second=s sec secs second seconds:1 ms millisecond milliseconds:1e-3 min mins minute minutes:60 h hr hrs hour hours:3600 day days:86400 week weeks:604800
month=month months:1 year years yr yrs:12 decade decades:120
celsius=c °c celsius centigrade:1
fahrenheit=f °f fahrenheit:1
kelvin=k°:1 kelvin:1
degree=degree degrees °:1
percent=% percent pct:1
usd=usd $ dollar dollars buck bucks:1 cent cents:0.01
eur=eur € euro euros:1
gbp=gbp £ quid:1
jpy=jpy ¥ yen:1
inr=inr ₹ rupee rupees:1
chf=chf franc francs:1
volt=v volt volts:1
watt=w watt watts:1 kw kilowatt kilowatts:1e3
kwh=kwh:1
hertz=hz hertz:1 khz:1e3 mhz:1e6 ghz:1e9
calorie=kcal calorie calories:1
kmh=km/h kph:1
mph=mph:1
point=px pixel pixels:1
`;

export const UNITS: ReadonlyMap<string, Unit> = new Map(
  LINES.trim()
    .split("\n")
    .flatMap((line) => {
      const [dimension = "", rest = ""] = line.split("=");
      return rest.split(/(?<=:\S+) /).flatMap((group) => {
        const [names = "", factor = "1"] = group.split(":");
        return names.split(" ").map((name) => [name, { dimension, factor: Number(factor) }] as const);
      });
    }),
);

/** A figure with its unit in one form: 2 hours and 120 minutes are the same. */
export function toQuantity(value: number, unit: Unit | undefined): string {
  if (unit === undefined) return String(Number(value.toPrecision(12)));
  return `${Number((value * unit.factor).toPrecision(9))}|${unit.dimension}`;
}
