/* Made by tools/wordnet.ts of WordNet 3.1, Copyright 2011 by Princeton University; see NOTICE beside. */

/** Words that share their commonest sense, a group a line. */
export const SYNONYMS = `
abasement abjection
abashed embarrassed
abdomen belly
aberrant deviant
abhor loathe
abhorrent repulsive
abide bide
abiding enduring
ablaze aflame
ably competently
abode dwelling
abode residence
abominable odious
about approximately roughly
above supra
abreaction catharsis
abridge foreshorten
abruptness curtness
absently absentmindedly
absolutely perfectly utterly
absorbed engrossed
abuse maltreat
accelerate quicken
accentuate emphasize
accepted recognized
accessory accouterment
accomplish fulfil fulfill
accomplished completed
accomplishment achievement
accordingly consequently
accountant controller
accretion accumulation
accumulate amass
accumulate compile
accusative accusing
acetonemia ketosis
achieve attain
acquaintance familiarity
acquit exonerate
acrobatic gymnastic
acrobatics tumbling
acting playacting
activate actuate
acutely keenly
ad advertisement advertising
adamant inexorable
addlebrained muddleheaded
adept practiced proficient skillful
adherent disciple
adieu adios
admirer protagonist supporter
ado flurry
adolescent teenager
adopt espouse
adorn decorate ornament
adroitness quickness
adulthood maturity
adventure escapade
adversary antagonist opponent
adversity hardship
advisedly deliberately intentionally purposely
advisor consultant
advocate recommend
affectionate fond
affiliated attached connected
affirm confirm corroborate substantiate
afflicted stricken
affront insult
afire aflare
afloat aimless rudderless
aforesaid said
after afterward afterwards later subsequently
agape gaping
aged elderly older
agency bureau
aggravate exacerbate
aggregation collection
aggressor attacker
aghast dismayed shocked
agile nimble
agilely nimbly
agree concur
agreeably pleasantly
aid assist help
ailing peaked
ailment complaint
airless stuffy
akin kindred
alertness vigilance
alienated anomic
alignment coalition
allegory parable
alley alleyway
allocate apportion
allocation allotment
almost nearly virtually
along on
altercation fracas
alternatively instead
altogether completely entirely totally wholly
amaze astonish astound
amazed astonished stunned
amazement astonishment
amazing astonishing
ambiguous equivocal
ambuscade ambush
amiable cordial genial
ammo ammunition
amorphous shapeless
amplification elaboration
amplify magnify
amply richly
anatomic anatomical
ancestor antecedent
ancestry lineage pedigree
anguished tormented tortured
animal beast creature
animate enliven
annihilate eradicate
annihilating devastating withering
annihilation obliteration
announcement proclamation
annoy irritate vex
annoyance irritation
annoyed stung
annoying galling irritating nettlesome pestering
antagonise counteract
anticipated awaited
antipathy aversion distaste
antique outmoded
anxiously uneasily
anyhow anyway
apogee culmination
apothecary pharmacist
appalling dismaying
apparatus setup
apparent evident plain
apparently ostensibly seemingly
apparition phantom
appease conciliate mollify pacify
applause clapping
applicability pertinence
appraisal assessment
appraise assess evaluate
apprehend comprehend savvy
appropriately suitably
approval blessing
approve sanction
arbitrarily haphazardly indiscriminately randomly
arbitrate intercede mediate
ardent fervent fiery impassioned
ardor zeal
arena domain
argot jargon
arise originate
aristocracy nobility
arms munition
aroma odor
arouse elicit evoke
arrest nab
artilleryman gunner
artistry prowess
as equally
ascertain determine
ascribe attribute impute
ashen blanched
aspect facet
ass buttocks
assail assault
assistant helper
associate link
assorted miscellaneous mixed sundry
assortment potpourri variety
assume presume
assumption premise
assurance confidence
astute shrewd
asynchrony desynchronizing
athletics sport
atone expiate
attest manifest
attic loft
attire garb
attired dressed garbed
attorney lawyer
audacious dauntless
audacity temerity
augur bode portend presage
authentic veritable
author writer
authorities government regime
authority potency
authorization mandate
auto automobile car motorcar
autonomy liberty
autopsy necropsy
avenge retaliate
awareness cognizance
away forth
awfully terribly
awry cockeyed
ax axe
axiom maxim
babe baby infant
backbone guts
backing patronage
backstage offstage
backward backwards rearward
badger bug pester tease
badly severely
baffle bewilder mystify puzzle
baffling knotty
baggage luggage
bait tantalize taunt
baked parched scorched sunbaked
balustrade banister
banish ostracize
barb jibe
barbed biting
barely hardly scarce scarcely
barkeep bartender
baronial imposing noble stately
basement cellar
basically essentially fundamentally
bask enjoy relish savor
bathing washup
bathtub tub
batter buffet
battle engagement
battlefield battleground
bawdyhouse brothel
bawl bellow
beard whiskers
bearded bewhiskered whiskered
bearer toter
bedamn imprecate
beefy burly husky
before earlier
befuddle confound
beg implore
beget sire
beguile bewitch captivate
being existence
belie contradict
believable credible
believer worshipper
beloved dear
below beneath
belowground underground
bemoan bewail
bequest legacy
berate chide rebuke scold
beset chivy harry
besmirch calumniate
bewilderment puzzlement
bias prejudice
biblical scriptural
bickering squabble
big large
bigger larger
bitterness rancor resentment
bizarre eccentric
blare blaring din
blaspheme swear
blatant clamorous vociferous
blazing glaring
bleached faded
blight plague
blithely gayly happily jubilantly merrily
bloke chap fella fellow lad
bloodstained gory
blue bluish
blurt ejaculate
blush redden
boast brag
bogus fake phony
boisterous unruly
bonus fillip
bony scrawny skinny
booty loot plunder
booze liquor spirits
boring irksome tedious tiresome wearisome
boss foreman
bottleneck constriction
bottom underside
boulder bowlder
boundary bounds
boundless unbounded
bouquet corsage
branched forked
brave courageous
bravery courage
breadth width
breakdown dislocation
brightly brilliantly
brilliance grandeur splendor
brilliancy luster splendor
bringing delivery
brink verge
broadside flyer
bronzed suntanned tanned
brooding contemplative meditative pensive reflective
brook creek
brow forehead
brown brownish
brutal cruel savage vicious
bucket pail
buddy crony
buff devotee
buffoon clown
build construct
building edifice
bulge protuberance
bulging convex
bulk majority
bully roughneck rowdy ruffian
bum puke skunk
buoyant perky
burden encumbrance
bush shrub
bushwhack waylay
bushwhacker hillbilly
bushy shaggy
but merely only simply
buy purchase
cadaver corpse
cadaverous emaciated gaunt pinched
cafe coffeehouse
cagey clever
calamity catastrophe tragedy
calculate compute
calculation computation
caliber calibre
calmness composure equanimity
camping tenting
candid forthright frank
candidly frankly honestly
canonized glorified
capacitor condenser
cardinal central fundamental
careen stagger
career vocation
carelessness negligence
careworn drawn haggard worn
cargo freight shipment
carnal sensual
carpet rug
carved carven
castle palace
catastrophic ruinous
cater ply
cattle cows oxen
cavalryman trooper
cavity pit
cavort frolic romp skylark
cc milliliter ml
cease discontinue quit
celerity rapidity
cemetery graveyard
centering focusing
centimeter cm
certainly surely
chagrin humiliation mortification
champ champion
chance opportunity
characterization delineation
cheap inexpensive
cheering shouting
cheery sunny
cherished precious treasured
chief main principal
chiefly mainly primarily principally
child kid youngster
childish infantile
chipper jaunty
choose select
chortle chuckle
chump sucker
chunk clod
churchman cleric
churning roiling turbulent
chute parachute
cipher encipher
circumstances luck
cite mention
city metropolis
clad clothed
clammy dank
clandestine undercover
clangor clangoring clash
clannishness exclusiveness
clarify elucidate
clarity clearness lucidity
classmate schoolmate
classroom schoolroom
cleaning cleansing
clergyman reverend
cling cohere
clique ingroup
clogged clotted
closer nearer
closet cupboard
clot coagulate
cloth fabric textile
cloudburst downpour torrent
cloudy nebulous
clowning prank
clump cluster
clumsy ungainly
clutch seize
cluttered littered
coalesce fuse mix
coarse vulgar
coast seacoast
coax wheedle
coddle pamper
cohesion cohesiveness
coil gyrate
collaborate cooperate
colloquial conversational
colony settlement
colossal prodigious stupendous
comforting consoling
comic funny
coming upcoming
commandeer hijack
commerce commercialism
commission committee
commonly normally ordinarily usually
commonwealth country nation
communicating communication
communist communistic
commutation commuting
companion comrade
comparatively relatively
compassionately pityingly
compel oblige
compensate counterbalance
compete vie
component element
comportment mien
compromising conciliatory
compunction remorse
con defraud swindle
conceal hide
concealed hidden
conceit vanity
concept conception
concerted cooperative
concluding final
concurrent cooccurring simultaneous
condemn decry excoriate
condescending patronizing
conduction conductivity
configuration constellation
configuration shape
confining constraining limiting restricting
confirmation verification
confusing perplexing puzzling
conjecture hypothesize speculate theorize
connote imply
conquer subdue suppress
consequence effect upshot
consequent resultant
considerably substantially
consistence consistency
consistently systematically
consolation solace
console solace soothe
conspicuously prominently
constant unvarying
constantly invariably
construe interpret
consumption intake uptake
contamination taint
contempt scorn
contemptuous disdainful scornful
contemptuously scornfully
contend postulate
continuance continuation
contraption contrivance gadget
contributing contributory
contrive devise invent
convulsive spasmodic
coordinate organise
cope grapple
corporeality physicalness
cosmos universe
couch sofa
counseling guidance
countenance visage
countless innumerable multitudinous myriad unnumbered
coup takeover
courier messenger
court tribunal
cowboy cowhand cowpuncher puncher
crafty sly wily
cramp spasm
craved desired
crawl creep
craze furor
crazed deranged
crazily insanely
creak screech squeak
creativeness creativity
credo creed
criminal crook felon
crimson red
cringe flinch quail recoil wince
crippling disabling
criterion touchstone
criticise criticize
croak die perish
cross traverse
crossroads hamlet
crotchety ornery
crouch stoop
crumble crumple
cryptic inscrutable mysterious
cuddle nestle nuzzle snuggle
curious peculiar queer
curiously oddly
cursory perfunctory
curtail restrict
curtain drapery
customary habitual
dabbled splattered
dad daddy pa papa
dais pulpit rostrum
damaging prejudicial
damn goddamn
damp moist
dangerously perilously
dapper jaunty
dappled mottled
darned goddam goddamned
dart flit
dash scoot scud
dawn dawning daybreak
daydream woolgather
daylight daytime
deadlock impasse standstill
deafening earsplitting thunderous
dealer trader
deathlike deathly
debility feebleness infirmity
debris junk rubble
deceive delude
deceleration retardation slowing
decidedly definitely emphatically
declaim recite
decoration ornament
decrease diminish lessen
decree fiat
dedicate devote
deduce derive infer
deduct subtract
deeply profoundly
defection desertion
defender guardian
defer postpone shelve
deficiency lack
deficient lacking
deficit shortage
defining shaping
deformation distortion
deformed malformed
defy withstand
deity divinity
delicious delightful
delirium frenzy hysteria
delve dig
demur except
departure going leaving
dependable reliable
dependence dependency
deplorable sorry
deplorably woefully
depot terminal
deprecating deprecatory
deprive divest
derisive gibelike mocking taunting
derivative differential
descendant descendent
desecration sacrilege
desert forsake
despair desperation
despairing desperate
despatch dispatch
desperately urgently
despised hated
despoil ransack
destine doom
destiny fate
destroyed ruined
detachment disengagement
detect notice
detection sensing
detector sensor
deter discourage
determination finding
determinedly unfalteringly
detest hate
detonate explode
developing underdeveloped
devilment mischief shenanigan
dexterous dextrous
diagnosing diagnosis
diagnostician pathologist
diam diameter
diarrhea diarrhoea
diary journal
dictate prescribe
dictatorship tyranny
dictum pronouncement
differentiate distinguish
differentiation distinction
diminished lessened weakened
diminutive petite tiny
dingy grimy
directionality directivity
director manager
dirty soiled unclean
disable incapacitate
disabled handicapped
disallow forbid prohibit proscribe
disappear vanish
disappointed frustrated
disappointment letdown
disbelief skepticism
discernable discernible
disclose divulge
disclosure revelation
discorporate disembodied
discount dismiss
discouraged disheartened
discovered observed
discredit disrepute
diseased pathologic
disentangle extricate
disgrace dishonor dishonour
disgusting loathsome
disheveled frowzled tousled
disjointed garbled
dismally drearily
disorderly jumbled
disperse sprinkle
disposition temperament
disregardless irrespective regardless
disrobe undress
disrupt interrupt
disruption interruption
disruptive troubled tumultuous turbulent
dissemble feign pretend
distort falsify warp
distressing disturbing
district territory
distrust mistrust
divertimento serenade
doctor physician
doctrine ism philosophy
doggedly tenaciously
dogma tenet
doorhandle doorknob
doorman porter
dope gage
dotted flecked speckled
doubtless undoubtedly
dourly sullenly
doze drowse
dozens lots scores tons wads
drab dreary
drafty draughty
dramatist playwright
draped wrapped
dreadful frightening terrible
dreadfully horribly
dribble trickle
droop sag
droppings dung
dross impurity
drugstore pharmacy
dub nickname
dupe gull
dusk nightfall twilight
dusky swart swarthy
dweller inhabitant
earnestly seriously
earnestness seriousness
earnings profit profits
earth globe
earthquake quake
eating feeding
ebullient exuberant
ecstasy rapture
edgy jumpy restive
effluent wastewater
elate uplift
elector voter
electrifying thrilling
elementary unproblematic
emanation emission
emancipate liberate
embed imbed implant
embellish pad
embodiment incarnation
emotionalism emotionality
employ use utilize
enact ordain
enchant enthrall
enclose envelop
encourage promote
encroachment intrusion
endanger imperil jeopardize
endless interminable
endlessly infinitely
endorse indorse
endowment talent
engrave inscribe
engross engulf immerse
engrossing fascinating
enigma mystery
enigmatic puzzling
enlargement expansion
enormous tremendous
enormously staggeringly tremendously
enquire inquire
enraged maddened
enrol enroll
enrollment registration
enthrone vest
entice lure
entirety totality
entomb inter
entrance entranceway
entrust intrust
enumerate itemize
enunciate pronounce
envious jealous
envisage imagine
envision visualize
epicure gourmet
epitome prototype
epitomize typify
epoch era
eroded scoured
erratic mercurial quicksilver
erratically unpredictably
error fault
erudite learned
eschew shun
especially particularly
estimate gauge
eternal everlasting perpetual unending
eternally everlastingly forever
ethics morals
evade sidestep
evangelist gospeler
eventually finally
everyday mundane unremarkable
evidently manifestly obviously plainly
evildoer sinner
exactly precisely
exaggerated overdone
exalt glorify
exalted lofty
examination scrutiny
exasperating infuriating maddening
exceed transcend
excellently magnificently splendidly
except exclude omit
excise expunge
exclaiming exclamation
exclusively solely
excruciating torturing
excursion outing
exemplify illustrate
exercising workout
exhausted fatigued
exhaustive thoroughgoing
exhaustively thoroughly
expiration termination
expletive oath swearing
extended lengthy prolonged
extenuate mitigate
extra redundant
extravagantly profusely
extremely highly
exultant jubilant triumphant
eyeball orb
eyelid lid
factory mill
fairly moderately pretty reasonably
faith religion
faithfully reliably
falsity untruth
famed famous illustrious notable noted
farming husbandry
fascinate intrigue
fascinate transfix
fascinated spellbound
fashion manner mode style
faster quicker
fatigue weariness
fear fright
fearless unafraid
feasible practicable viable workable
ferment fermentation unrest
ferocious fierce furious
ferociously fiercely
ferocity fierceness wildness
fertile prolific
feverish hectic
fictive pretended
fiddle violin
fiendish satanic unholy
figurine statuette
figuring reckoning
film movie
financial fiscal
fireplace hearth
firmly steadfastly
fisher fisherman
fishmonger fishwife
flail thrash
flashy gaudy
flashy gaudy tawdry
fleck scrap
fleet swift
fleeting momentary
fleshy overweight
flog lash
flourish thrive
flub spoil
foam froth
foible idiosyncrasy
foliage leaf
folly foolishness
fondly lovingly
food nutrient
foolhardy reckless
footing terms
forbidden taboo
foreboding premonition
foreclose forestall preclude prevent
foreknow foresee
forest woods
forgo waive
formidable redoubtable
forswear retract
fort garrison
forte specialty
forthwith immediately instantly straightaway
fortify strengthen
fortunately luckily
forty twoscore
fowl poultry
foyer lobby vestibule
fragrance perfume scent
frambesia yaws
frantically madly
freak monstrosity
freeway pike superhighway thruway
frenzied manic
frequently often oftentimes
freshly newly
freshness novelty
fret fuss
frighten scare
frightened scared
frightful horrible horrifying
fringe periphery
frog toad
fruitless futile
frustrate thwart
fumble grope
furnish provide supply
furthermore moreover
furtive stealthy
fusion unification
futile unavailing
fuzzed fuzzy
gabble prattle
gag jest joke
gaiety merriment
gal gallon
gallantry heroism valor
galvanic voltaic
gape gawk
gasp pant
gaze stare
genuinely really truly
geographic geographical
germinate sprout
ghastly gruesome macabre
ghost specter
ghostlike ghostly
gigantic mammoth
giggle titter
gilded gilt golden
ginmill saloon
girlish schoolgirlish
given granted
glare glower
glasses spectacles
glassy glazed
glean harvest reap
glee hilarity
glint glisten glitter
glinting glittering
glistening shiny
glowering morose sullen
glued pasted
glut gorge overeat overindulge
glycerine glycerol
gm gram
go travel
graded ranked stratified
graining woodgraining
grammatic grammatical
grandma grandmother granny
granular gritty
grappling wrestling
gravely soberly
greasy oily
greatcoat overcoat
greatest sterling superlative
groan moan
groove rut
growing growth
gruff hoarse
grumbling rumble
guess reckon
gummy pasty sticky
gunfire gunshot
gunman gunslinger
gush spout
gusto relish zest
hackneyed threadbare timeworn trite
hall hallway
hallmark stylemark trademark
handbag purse
handclasp handshaking
hanker yearn
hapless pathetic piteous poor
happen occur
happening occurrence
harassed pestered
hardship rigor
hardworking industrious
hardy sturdy
harmonious symmetrical
harshness scratchiness
hastily hurriedly
haughty supercilious swaggering
haunted obsessed preoccupied
haversack knapsack
hawk peddle
hawker peddler
hayfield meadow
hazard jeopardy peril
hazy misty
headmaster schoolmaster
healer therapist
healing therapeutic
hearer listener
heaven paradise
heedless unheeding
hello hi
hence therefore thus
hereafter hereinafter
heretofore hitherto
hideaway hideout
hideous outrageous
highlight spotlight
highwayman hijacker
hillock knoll
hinder impede
hitter slugger
holding retention
holiday vacation
homeland motherland
honest honorable
hood punk
hospital infirmary
hostelry inn
hotshot virtuoso wizard
hour hr
housekeeping housework
housing lodging
however nevertheless nonetheless notwithstanding withal
huge immense vast
hugging kissing petting
humble lowly
humbly meekly
hunch suspicion
hurler pitcher
hurrying scurrying
hyperbolic inflated
icebox refrigerator
idea thought
identical indistinguishable
idiom parlance
idiot imbecile
idolize revere
illness malady sickness
illuminate illumine
imagery imaging
imaginative inventive
imbalance unbalance
imitate simulate
immaculate spic spotless
immensely vastly
imminent impending
imp pixie
implike mischievous puckish
imposition infliction
impotence impotency
imprecation malediction
improbable unlikely
improvised makeshift
impudent insolent
inadvertently unwittingly
incensed indignant outraged
incentive inducement
incertain uncertain
incipience incipiency
incisive keen penetrating
incite instigate
incite motivate prompt
inclination tendency
incline tend
incomprehensible inexplicable
inconceivable unimaginable
inconvenience worriment
incorporate integrate
increasingly progressively
incredible unbelievable
indecent untoward
indecision irresolution
indefatigable tireless
indefensible untenable
indescribable ineffable unspeakable untellable
individualism individuality
individualized personalized
individually separately
induction initiation
inescapable unavoidable
inescapably unavoidably
inexorable relentless
infamous notorious
infective pathogenic
infertile unfertile
infest overrun
inflection prosody
inflow influx
inglorious shameful
inhabit live populate
inherent integral
inhibitory repressive
inoculation vaccination
inscription lettering
insistent repetitive
instal install
instant twinkling
instruct teach
instructor teacher
instrumentalist musician
insularity insulation
insulate isolate
insurrection rebellion revolt uprising
integrated unified
integrating integration
integrity unity
intelligible understandable
intention purpose
interfering meddling
interlace intertwine lace twine
interlocking interwoven
interrelation interrelationship
interrogation interrogative
invaluable priceless
investigator researcher
involvement participation
ironic wry
irony sarcasm satire
irritability petulance
irritable peevish
irritably petulantly testily
jabber spout
jaded wearied
jammed packed
jangle jingle
jeep landrover
jeer scoff
jimdandy jimhickey
jimmy prise pry
job occupation
jocose jocular
jog ramble
joggle wiggle
john lavatory privy toilet
jolly jovial merry
jolted shaken
jumble muddle welter
jump leap
juncture occasion
junk scrap
justify vindicate
justly rightly
justness nicety
jutting projected sticking
keenness sharpness
keepsake souvenir
kilometer km
kind sort
kingdom realm
lab laboratory
labeled tagged
labour proletariat
labyrinth maze
laden ladened loaded
lanky rangy
lappet wattle
lapsed nonchurchgoing
largely mostly
lashing whipping
lasting permanent
lately recently
lather soapsuds suds
lay put
lb pound
leakage outflow
lean tilt
leaning tilted
lengthening perpetuation prolongation
letter missive
lewd salacious
lifelike vivid
lifted upraised
lighted lit
likeness similitude
likewise similarly
limbo oblivion
lingual linguistic
little small
lobscouse lobscuse
locality neighborhood neighbourhood vicinity
located situated
loiter tarry
lone lonely
lone solitary
longing yearning
looking sounding
lousy rotten stinking
lukewarm tepid
lumber timber
luminary notable
lunch luncheon
lurk skulk
luscious voluptuous
lush profuse riotous
ma mama mamma mommy
machinist mechanic
madman maniac
maintenance upkeep
maleness masculinity
malingering skulking
maneuver steer
mangled torn
manpower men
marked pronounced
marketing merchandising selling
marriage matrimony
marry wed
marvelous wonderful wondrous
marvelously superbly wonderfully wondrously
mash squash
masterly virtuoso
matching twin
math mathematics
maturation ripening
maximal maximum
maybe perchance perhaps possibly
meandering wandering winding
measurement measuring
meditate mull muse ponder
melodious tuneful
melody tune
melting thawing
menace threat
menacing ominous sinister threatening
mend repair
mentality outlook
merchandise product
merge unify unite
metro subway
mg milligram
microphone mike
midday noon
milieu surroundings
militant warlike
militia reserves
millimeter mm
min minute
mind psyche
minimal minimum
minister parson pastor
ministration succor
misbehavior misdeed
misconstrue misunderstand
misdemeanor violation
misery wretchedness
misgiving qualm
misinterpretation mistaking misunderstanding
mislay misplace
mob rabble
mobile wandering
mockery scoffing
modernize overhaul
mold mould
mortician undertaker
motionless static
motivation motive
motto shibboleth slogan
muffle stifle
multiplication propagation
mumble mutter
murmuring muttering
mute unspoken
muted subdued
mutely silently wordlessly
myofibril myofibrilla
nagging shrewish
naked nude
narrative story tale
nasal pinched
nationalism patriotism
naught nothing
nauseated sickish
necessitate require
needed required
neglected unheeded
negotiation talks
news tidings
newsman reporter
night nighttime
nip pinch
nominal tokenish
notification presentment
nourishment sustenance
nuance subtlety
nudge prod
null void
nutrient nutritive
objection remonstrance
objectionable obnoxious
obligation responsibility
observance watching
obstinately stubbornly
obstruct occlude
occupancy tenancy
occupant resident
offence offensive
onrush onslaught
optimal optimum
opulent sumptuous
orator rhetorician
ordinance regulation
orthophosphate phosphate
outdo outstrip
outlay spending
outrage scandalize
overriding paramount
overthrow subvert
owner proprietor
pacing tempo
pact treaty
pains striving
pander pimp procurer
pang twinge
panic terror
panicked terrified
partially partly
partner spouse
pastelike pasty
pathetic pitiable pitiful
patronize sponsor
pecs pectoral pectoralis
pelt pepper
penalize punish
penalty punishment
penance repentance
peptidase protease
percent percentage
perch roost
permeate pervade
persistency tenacity
person someone
perspiration sweat
philosophic philosophical
phone telephone
phonemics phonology
photo photograph
phraseology wording
physiognomy visage
pier wharf
pilfer purloin
pitiless remorseless ruthless
pivot swivel
placid tranquil
plant works
plenitude plenty
plight predicament
plod trudge
poignant touching
pommel pummel
portrait portrayal
pounce swoop
pounding throbbing
powdered powdery pulverized
power powerfulness
practise rehearse
prance strut swagger
preaching sermon
precedence priority
predilection preference
predominance predomination
preferable preferred
preparative preparatory
presently soon
pressing urgent
pretence pretension
print publish
procedure process
proceeds takings
procure secure
profusion richness
prominent salient
promotion publicity
proportionally proportionately
prostitute whore
provision proviso
provisional tentative
prurient salacious
pulsate throb
pupil student
purely strictly
purportedly supposedly
quash repress subdue subjugate
quell squelch
quickly rapidly speedily
railroad railway
rain rainfall
rarely seldom
rascal rogue
rating valuation
rattler rattlesnake
react respond
reactivity responsiveness
reasonable sensible
rebound ricochet
rebut refute
recall recollect remember
recede retreat
receipts revenue
recollection remembrance
reconnoiter scout
recover regain retrieve
recreate vivify
recurrent repeated
redemption salvation
redevelopment renovation
reeking watery
reenforce reinforce
refashion remake
refill replenish
reissue reprint
reiterate repeat restate
relevance relevancy
religious spiritual
remarkable singular
remarkably unusually
remuneration salary wage
rend rip rive
rending ripping splitting
repeal rescind
repugnance revulsion
resign vacate
resonant resounding
resound reverberate
resplendent splendid
resurrect upraise
retaliation revenge
retch vomit
revealing telling telltale
revered venerable
reverence venerate
reverie revery
revolve rotate
rhino rhinoceros
rhythmic rhythmical
rickety shaky wobbly
rigorous strict
rite ritual
roadside wayside
roam rove wander
roaring thunder
rubberlike rubbery
ruffle undulate
rundown summation
runner smuggler
rupture tear
sadness unhappiness
salesgirl saleslady
sallow sickly
saltwater seawater
salvage save
salvo volley
sashay sidle
satiric satirical
scamper scurry scuttle
scheme strategy
schoolmarm schoolmistress
scorch sear
scoundrel villain
scour scrub
scouring scrubbing
scream squall yell
screaming shrieking
screechy squeaky
seafarer seaman
seahorse walrus
sealing waterproofing
sensational stunning
sentinel sentry
sequential serial successive
serenity tranquility
serpent snake
sew stitch
shack shanty
shadowed shadowy
shallowness superficiality
shamble shuffle
shaved shaven
shivering trembling
shoelace shoestring
shopkeeper storekeeper tradesman
shouting yelling
shred whit
shyly timidly
silly wacky
sinful ungodly
singer vocalist
singularity uniqueness
sis sister
slanted slanting sloping
sleep slumber
slender slim
slightly somewhat
slop spill
smothered strangled
smothering suffocating
snicker snigger
social societal
sod sward turf
soldiery troops
someplace somewhere
sonority vibrancy
spectacular striking
spectator viewer watcher
spire steeple
splatter splutter sputtering
sportsman sportswoman
squirm wriggle writhe
staggering stupefying
staircase stairway
stairs steps
stammer stutter
standpoint viewpoint
stimulant stimulus
stoic stoical
stringy wiry
subordinate underling
suitable suited
sunlight sunshine
super topnotch
superintend supervise
supersede supplant
supplemental supplementary
swerve veer
symmetric symmetrical
synchronism synchrony
synthesise synthesize
tactile tactual
talkative talky
task undertaking
tears weeping
teen teenage
teensy wee
thaw unthaw
theater theatre
theme topic
thenceforth thereafter
thoriated tittering
tiredly wearily
tiring wearying
topple tumble
transmission transmitting
transversally transversely
traveler traveller
trichrome tricolor
triumph victory
tumor tumour
tumult uproar
twiddle twirl whirl
typewriting typing
ulcer ulceration
unaccountable unexplainable
unambiguously unequivocally
unanswered unrequited
uncanny weird
uncertainly unsteadily
underline underscore
uneconomical wasteful
unfair unjust
unfaltering unshakable unwavering
unfortunately unluckily
unhurt unscathed
unimpeachably unquestionably
unique unparalleled
unlace untie
unlovely unpicturesque
unnecessary unneeded
unobtainable unprocurable
unreflective unthinking
unshaved unshaven
unsloped upright
untested untried
up upward upwards
usage utilization
veranda verandah
vernal youthful
verve vitality
vibrant vivacious
wag waggle
wallop whack
war warfare
washbasin washbowl
whir whiz
whiskey whisky
winter wintertime
wool woolen
wrack wreck
yap yelp
year yr
`;
