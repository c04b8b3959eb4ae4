package money

// The currencies and the funds codes of ISO 4217 that have minor units, as the standard stood in
// January 2026. The value of a constant is its ISO number, except for ANG.
const (
	AED Currency = 784  // UAE Dirham
	AFN Currency = 971  // Afghani
	ALL Currency = 8    // Lek
	AMD Currency = 51   // Armenian Dram
	ANG Currency = 1532 // Netherlands Antillean Guilder; withdrawn in 2025. Its number, 532, is now that of XCG
	AOA Currency = 973  // Kwanza
	ARS Currency = 32   // Argentine Peso
	AUD Currency = 36   // Australian Dollar
	AWG Currency = 533  // Aruban Florin
	AZN Currency = 944  // Azerbaijan Manat
	BAM Currency = 977  // Convertible Mark
	BBD Currency = 52   // Barbados Dollar
	BDT Currency = 50   // Taka
	BGN Currency = 975  // Bulgarian Lev; withdrawn in 2026. Still read, so that old amounts remain readable
	BHD Currency = 48   // Bahraini Dinar; 3 digits
	BIF Currency = 108  // Burundi Franc; no minor unit
	BMD Currency = 60   // Bermudian Dollar
	BND Currency = 96   // Brunei Dollar
	BOB Currency = 68   // Boliviano
	BOV Currency = 984  // Mvdol, a funds code
	BRL Currency = 986  // Brazilian Real
	BSD Currency = 44   // Bahamian Dollar
	BTN Currency = 64   // Ngultrum
	BWP Currency = 72   // Pula
	BYN Currency = 933  // Belarusian Ruble
	BZD Currency = 84   // Belize Dollar
	CAD Currency = 124  // Canadian Dollar
	CDF Currency = 976  // Congolese Franc
	CHE Currency = 947  // WIR Euro, a funds code
	CHF Currency = 756  // Swiss Franc
	CHW Currency = 948  // WIR Franc, a funds code
	CLF Currency = 990  // Unidad de Fomento, a funds code; 4 digits
	CLP Currency = 152  // Chilean Peso; no minor unit
	CNY Currency = 156  // Yuan Renminbi
	COP Currency = 170  // Colombian Peso
	COU Currency = 970  // Unidad de Valor Real, a funds code
	CRC Currency = 188  // Costa Rican Colon
	CUP Currency = 192  // Cuban Peso
	CVE Currency = 132  // Cabo Verde Escudo
	CZK Currency = 203  // Czech Koruna
	DJF Currency = 262  // Djibouti Franc; no minor unit
	DKK Currency = 208  // Danish Krone
	DOP Currency = 214  // Dominican Peso
	DZD Currency = 12   // Algerian Dinar
	EGP Currency = 818  // Egyptian Pound
	ERN Currency = 232  // Nakfa
	ETB Currency = 230  // Ethiopian Birr
	EUR Currency = 978  // Euro
	FJD Currency = 242  // Fiji Dollar
	FKP Currency = 238  // Falkland Islands Pound
	GBP Currency = 826  // Pound Sterling
	GEL Currency = 981  // Lari
	GHS Currency = 936  // Ghana Cedi
	GIP Currency = 292  // Gibraltar Pound
	GMD Currency = 270  // Dalasi
	GNF Currency = 324  // Guinean Franc; no minor unit
	GTQ Currency = 320  // Quetzal
	GYD Currency = 328  // Guyana Dollar
	HKD Currency = 344  // Hong Kong Dollar
	HNL Currency = 340  // Lempira
	HTG Currency = 332  // Gourde
	HUF Currency = 348  // Forint
	IDR Currency = 360  // Rupiah
	ILS Currency = 376  // New Israeli Sheqel
	INR Currency = 356  // Indian Rupee
	IQD Currency = 368  // Iraqi Dinar; 3 digits
	IRR Currency = 364  // Iranian Rial
	ISK Currency = 352  // Iceland Krona; no minor unit
	JMD Currency = 388  // Jamaican Dollar
	JOD Currency = 400  // Jordanian Dinar; 3 digits
	JPY Currency = 392  // Yen; no minor unit
	KES Currency = 404  // Kenyan Shilling
	KGS Currency = 417  // Som
	KHR Currency = 116  // Riel
	KMF Currency = 174  // Comorian Franc; no minor unit
	KPW Currency = 408  // North Korean Won
	KRW Currency = 410  // South Korean Won; no minor unit
	KWD Currency = 414  // Kuwaiti Dinar; 3 digits
	KYD Currency = 136  // Cayman Islands Dollar
	KZT Currency = 398  // Tenge
	LAK Currency = 418  // Lao Kip
	LBP Currency = 422  // Lebanese Pound
	LKR Currency = 144  // Sri Lanka Rupee
	LRD Currency = 430  // Liberian Dollar
	LSL Currency = 426  // Loti
	LYD Currency = 434  // Libyan Dinar; 3 digits
	MAD Currency = 504  // Moroccan Dirham
	MDL Currency = 498  // Moldovan Leu
	MGA Currency = 969  // Malagasy Ariary
	MKD Currency = 807  // Denar
	MMK Currency = 104  // Kyat
	MNT Currency = 496  // Tugrik
	MOP Currency = 446  // Pataca
	MRU Currency = 929  // Ouguiya
	MUR Currency = 480  // Mauritius Rupee
	MVR Currency = 462  // Rufiyaa
	MWK Currency = 454  // Malawi Kwacha
	MXN Currency = 484  // Mexican Peso
	MXV Currency = 979  // Mexican Unidad de Inversion, UDI, a funds code
	MYR Currency = 458  // Malaysian Ringgit
	MZN Currency = 943  // Mozambique Metical
	NAD Currency = 516  // Namibia Dollar
	NGN Currency = 566  // Naira
	NIO Currency = 558  // Cordoba Oro
	NOK Currency = 578  // Norwegian Krone
	NPR Currency = 524  // Nepalese Rupee
	NZD Currency = 554  // New Zealand Dollar
	OMR Currency = 512  // Rial Omani; 3 digits
	PAB Currency = 590  // Balboa
	PEN Currency = 604  // Sol
	PGK Currency = 598  // Kina
	PHP Currency = 608  // Philippine Peso
	PKR Currency = 586  // Pakistan Rupee
	PLN Currency = 985  // Zloty
	PYG Currency = 600  // Guarani; no minor unit
	QAR Currency = 634  // Qatari Rial
	RON Currency = 946  // Romanian Leu
	RSD Currency = 941  // Serbian Dinar
	RUB Currency = 643  // Russian Ruble
	RWF Currency = 646  // Rwanda Franc; no minor unit
	SAR Currency = 682  // Saudi Riyal
	SBD Currency = 90   // Solomon Islands Dollar
	SCR Currency = 690  // Seychelles Rupee
	SDG Currency = 938  // Sudanese Pound
	SEK Currency = 752  // Swedish Krona
	SGD Currency = 702  // Singapore Dollar
	SHP Currency = 654  // Saint Helena Pound
	SLE Currency = 925  // Leone
	SOS Currency = 706  // Somali Shilling
	SRD Currency = 968  // Surinam Dollar
	SSP Currency = 728  // South Sudanese Pound
	STN Currency = 930  // Dobra
	SVC Currency = 222  // El Salvador Colon
	SYP Currency = 760  // Syrian Pound
	SZL Currency = 748  // Lilangeni
	THB Currency = 764  // Baht
	TJS Currency = 972  // Somoni
	TMT Currency = 934  // Turkmenistan New Manat
	TND Currency = 788  // Tunisian Dinar; 3 digits
	TOP Currency = 776  // Pa'anga
	TRY Currency = 949  // Turkish Lira
	TTD Currency = 780  // Trinidad and Tobago Dollar
	TWD Currency = 901  // New Taiwan Dollar
	TZS Currency = 834  // Tanzanian Shilling
	UAH Currency = 980  // Hryvnia
	UGX Currency = 800  // Uganda Shilling; no minor unit
	USD Currency = 840  // US Dollar
	USN Currency = 997  // US Dollar, next day, a funds code
	UYI Currency = 940  // Uruguay Peso en Unidades Indexadas, UI, a funds code; no minor unit
	UYU Currency = 858  // Peso Uruguayo
	UYW Currency = 927  // Unidad Previsional; 4 digits
	UZS Currency = 860  // Uzbekistan Sum
	VED Currency = 926  // Bolívar Digital
	VES Currency = 928  // Bolívar Soberano
	VND Currency = 704  // Dong; no minor unit
	VUV Currency = 548  // Vatu; no minor unit
	WST Currency = 882  // Tala
	XAD Currency = 396  // Arab Accounting Dinar
	XAF Currency = 950  // CFA Franc BEAC; no minor unit
	XCD Currency = 951  // East Caribbean Dollar
	XCG Currency = 532  // Caribbean Guilder
	XOF Currency = 952  // CFA Franc BCEAO; no minor unit
	XPF Currency = 953  // CFP Franc; no minor unit
	YER Currency = 886  // Yemeni Rial
	ZAR Currency = 710  // Rand
	ZMW Currency = 967  // Zambian Kwacha
	ZWG Currency = 924  // Zimbabwe Gold
)

// isoTable holds the code and the digits of each Currency at its own index. It is never written.
var isoTable = [...]struct {
	code   string
	digits uint8
}{
	AED: {"AED", 2},
	AFN: {"AFN", 2},
	ALL: {"ALL", 2},
	AMD: {"AMD", 2},
	ANG: {"ANG", 2},
	AOA: {"AOA", 2},
	ARS: {"ARS", 2},
	AUD: {"AUD", 2},
	AWG: {"AWG", 2},
	AZN: {"AZN", 2},
	BAM: {"BAM", 2},
	BBD: {"BBD", 2},
	BDT: {"BDT", 2},
	BGN: {"BGN", 2},
	BHD: {"BHD", 3},
	BIF: {"BIF", 0},
	BMD: {"BMD", 2},
	BND: {"BND", 2},
	BOB: {"BOB", 2},
	BOV: {"BOV", 2},
	BRL: {"BRL", 2},
	BSD: {"BSD", 2},
	BTN: {"BTN", 2},
	BWP: {"BWP", 2},
	BYN: {"BYN", 2},
	BZD: {"BZD", 2},
	CAD: {"CAD", 2},
	CDF: {"CDF", 2},
	CHE: {"CHE", 2},
	CHF: {"CHF", 2},
	CHW: {"CHW", 2},
	CLF: {"CLF", 4},
	CLP: {"CLP", 0},
	CNY: {"CNY", 2},
	COP: {"COP", 2},
	COU: {"COU", 2},
	CRC: {"CRC", 2},
	CUP: {"CUP", 2},
	CVE: {"CVE", 2},
	CZK: {"CZK", 2},
	DJF: {"DJF", 0},
	DKK: {"DKK", 2},
	DOP: {"DOP", 2},
	DZD: {"DZD", 2},
	EGP: {"EGP", 2},
	ERN: {"ERN", 2},
	ETB: {"ETB", 2},
	EUR: {"EUR", 2},
	FJD: {"FJD", 2},
	FKP: {"FKP", 2},
	GBP: {"GBP", 2},
	GEL: {"GEL", 2},
	GHS: {"GHS", 2},
	GIP: {"GIP", 2},
	GMD: {"GMD", 2},
	GNF: {"GNF", 0},
	GTQ: {"GTQ", 2},
	GYD: {"GYD", 2},
	HKD: {"HKD", 2},
	HNL: {"HNL", 2},
	HTG: {"HTG", 2},
	HUF: {"HUF", 2},
	IDR: {"IDR", 2},
	ILS: {"ILS", 2},
	INR: {"INR", 2},
	IQD: {"IQD", 3},
	IRR: {"IRR", 2},
	ISK: {"ISK", 0},
	JMD: {"JMD", 2},
	JOD: {"JOD", 3},
	JPY: {"JPY", 0},
	KES: {"KES", 2},
	KGS: {"KGS", 2},
	KHR: {"KHR", 2},
	KMF: {"KMF", 0},
	KPW: {"KPW", 2},
	KRW: {"KRW", 0},
	KWD: {"KWD", 3},
	KYD: {"KYD", 2},
	KZT: {"KZT", 2},
	LAK: {"LAK", 2},
	LBP: {"LBP", 2},
	LKR: {"LKR", 2},
	LRD: {"LRD", 2},
	LSL: {"LSL", 2},
	LYD: {"LYD", 3},
	MAD: {"MAD", 2},
	MDL: {"MDL", 2},
	MGA: {"MGA", 2},
	MKD: {"MKD", 2},
	MMK: {"MMK", 2},
	MNT: {"MNT", 2},
	MOP: {"MOP", 2},
	MRU: {"MRU", 2},
	MUR: {"MUR", 2},
	MVR: {"MVR", 2},
	MWK: {"MWK", 2},
	MXN: {"MXN", 2},
	MXV: {"MXV", 2},
	MYR: {"MYR", 2},
	MZN: {"MZN", 2},
	NAD: {"NAD", 2},
	NGN: {"NGN", 2},
	NIO: {"NIO", 2},
	NOK: {"NOK", 2},
	NPR: {"NPR", 2},
	NZD: {"NZD", 2},
	OMR: {"OMR", 3},
	PAB: {"PAB", 2},
	PEN: {"PEN", 2},
	PGK: {"PGK", 2},
	PHP: {"PHP", 2},
	PKR: {"PKR", 2},
	PLN: {"PLN", 2},
	PYG: {"PYG", 0},
	QAR: {"QAR", 2},
	RON: {"RON", 2},
	RSD: {"RSD", 2},
	RUB: {"RUB", 2},
	RWF: {"RWF", 0},
	SAR: {"SAR", 2},
	SBD: {"SBD", 2},
	SCR: {"SCR", 2},
	SDG: {"SDG", 2},
	SEK: {"SEK", 2},
	SGD: {"SGD", 2},
	SHP: {"SHP", 2},
	SLE: {"SLE", 2},
	SOS: {"SOS", 2},
	SRD: {"SRD", 2},
	SSP: {"SSP", 2},
	STN: {"STN", 2},
	SVC: {"SVC", 2},
	SYP: {"SYP", 2},
	SZL: {"SZL", 2},
	THB: {"THB", 2},
	TJS: {"TJS", 2},
	TMT: {"TMT", 2},
	TND: {"TND", 3},
	TOP: {"TOP", 2},
	TRY: {"TRY", 2},
	TTD: {"TTD", 2},
	TWD: {"TWD", 2},
	TZS: {"TZS", 2},
	UAH: {"UAH", 2},
	UGX: {"UGX", 0},
	USD: {"USD", 2},
	USN: {"USN", 2},
	UYI: {"UYI", 0},
	UYU: {"UYU", 2},
	UYW: {"UYW", 4},
	UZS: {"UZS", 2},
	VED: {"VED", 2},
	VES: {"VES", 2},
	VND: {"VND", 0},
	VUV: {"VUV", 0},
	WST: {"WST", 2},
	XAD: {"XAD", 2},
	XAF: {"XAF", 0},
	XCD: {"XCD", 2},
	XCG: {"XCG", 2},
	XOF: {"XOF", 0},
	XPF: {"XPF", 0},
	YER: {"YER", 2},
	ZAR: {"ZAR", 2},
	ZMW: {"ZMW", 2},
	ZWG: {"ZWG", 2},
}
