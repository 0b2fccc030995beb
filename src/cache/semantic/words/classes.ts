/* Curated by hand, about language and not about any set of prompts. A line is a class; words are given in plain form. */

/** Words that stand for one another in a request. */
export const EQUIVALENTS = `
turn switch
find search look locate discover
write draft compose
list show display view see
explain describe clarify
end cancel
end terminate
cancel terminate discontinue
stop halt
fix repair solve troubleshoot resolve mend
make create
make build
make produce
create generate produce
remove delete erase drop
start begin launch commence initiate
get obtain retrieve fetch
get receive
get extract
buy purchase
price cost
company firm
mobile cellphone
bill invoice
status state
detail info information particulars
check verify
difference differ different
learn study
need require necessary requirement
reset recover
summarize summary
duplicate repeat
courteous polite
calm relaxing soothing
large big
larger bigger
largest biggest
small little
smaller littler
quick fast rapid speedy
quicker faster
decline reject refuse
allow permit
forbid prohibit ban
help assist aid
author writer write
population people inhabitant
money fund
ship shipping delivery deliver shipment
depart departure leave
arrive arrival
car automobile
film movie
doctor physician
job position
salary wage pay
apartment flat
holiday vacation
trip journey
illness disease
drug medicine medication
error fault
folder directory
laptop notebook
picture image photo photograph
video clip
happen occur
answer reply respond response
choose select pick
merge combine
split divide separate
convert transform
fee charge cost
waive free exempt
cover coverage include
mature maturity
withdraw withdrawal
tax taxable taxation
settle clear
insurance insure
eligible qualify enroll
raise increase
lower decrease reduce
kid child
meeting appointment
recipe dish
cook prepare
lawyer attorney
purchase buy acquire
acquire acquisition
refund reimburse
symptom sign
treat treatment
safe safely safety
legal lawful
illegal unlawful
wife spouse
fast quickly
sum total
average mean
maximum max limit
minimum min
send transfer
connect connection
login signin
setup configure
use usage
hour hourly
day daily
week weekly
month monthly
quarter quarterly
year yearly annual annually
export download
import upload
remember recall
finish complete
duration length
duration life lifetime lifespan
count number
amount quantity
purpose function
purpose role
purpose job
bike bicycle
parcel package
near nearby
enable activate
disable deactivate
consequence result
ingredient component
author writer write
discover discoverer discovery
birth born
live reside inhabit
modify edit alter adjust
use redeem
expire expiry expiration
permit permission
own owner ownership
caution warning
cause reason
mistake error
fix correct
mic microphone
repo repository
config configuration
docs documentation
tv television
fridge refrigerator
admin administrator
lab laboratory
exam examination
param parameter
env environment
compatible compatibility work
quit resign
garbage trash rubbish
soccer football
lift elevator
petrol gasoline
pupil student
vote election
aim goal objective
task assignment
sick ill
manual handbook
site website
location place
photo picture
speak talk
shop store
renew renewal extend
approve approval
cancel cancellation
differ difference
invite invitation
link url
`;

/** Words of which each excludes the others of its line. */
export const EXCLUSIVES = `
on off
enable disable
activate deactivate
enable deactivate
activate disable
permanent temporary
plaintiff prosecutor
open close shut
start stop
add remove delete
include exclude
allow deny block forbid
accept reject decline
approve reject deny
cancel renew
lock unlock
show hide
up down
in out
into out
left right
north south east west northern southern eastern western
northeast northwest southeast southwest
above below
over under
more less fewer
most least fewest
same different
max min
maximum minimum
first last second
before after
with without
am pm
ascending descending ascend descend
increase decrease reduce
raise lower reduce
rise fall drop
import export
upload download
encrypt decrypt
encode decode
read write
push pull
public private
incoming outgoing
inbound outbound
sender recipient receiver
upgrade downgrade
morning afternoon evening night noon midnight
day night
today tomorrow yesterday
hourly daily weekly monthly quarterly yearly annual annually biweekly
hour day week month quarter year minute decade century
oldest newest youngest
older newer younger
earliest latest
earlier later
lowest highest
lower higher
low high
worst best
worse better
good bad
cheap expensive
cheaper dearer pricier
cheapest dearest priciest
shortest longest tallest
shorter longer taller
smallest largest biggest
smaller larger bigger greater
small medium large
father mother
son daughter
brother sister
husband wife
uncle aunt
nephew niece
grandfather grandmother
boy girl
male female
man woman
king queen
adult child kid infant baby toddler teenager teen senior elderly
newborn adult
buy sell
borrow lend
employer employee
teacher student
landlord tenant
buyer seller
plaintiff defendant
creditor debtor
lender borrower
parent child
mentor mentee
host guest
client server
source target destination
input output
row column
horizontal vertical
width height depth length
long short
hot cold
warm cool
wet dry
hard soft
raw cooked
fresh frozen
sweet sour savory
fried boiled baked grilled steamed roasted poached
full empty
early late
win lose
winner loser
pass fail
work fail break
success failure
succeed fail
attack defend
defense offense
home away
arrival departure
arrive depart
push pop
get post put patch delete
local remote global
static dynamic
sync async
synchronous asynchronous
serial parallel
stateful stateless
frontend backend
internal external
indoor outdoor
inner outer
front back rear
upper lower
upstream downstream
positive negative
true false
always never sometimes
all none
every no
profit loss
income expense
credit debit
deposit withdraw withdrawal
gross net
asset liability
fixed variable
checking savings
stock bond
celsius fahrenheit kelvin
kilometer mile meter foot inch centimeter yard
kilogram pound ounce gram stone
liter gallon pint cup
euro dollar yen pound franc yuan rupee peso krona
spring summer autumn winter
monday tuesday wednesday thursday friday saturday sunday
january february march april may june july august september october november december
red blue green yellow black white orange purple pink brown gray silver gold
english spanish french german italian portuguese japanese chinese korean russian arabic dutch polish turkish hindi swedish
breakfast lunch dinner supper brunch
gold silver bronze platinum
basic premium standard pro enterprise starter plus
free paid
pregnant breastfeeding
systolic diastolic
acute chronic
benign malignant
bacterial viral
oral topical intravenous
hypertension hypotension
inhale exhale
dog cat
cat dog horse rabbit cow pig sheep goat chicken
sunrise sunset
past future present
old new
young old
begin end finish
begin finish
connect disconnect
install uninstall
subscribe unsubscribe
mute unmute
follow unfollow
check uncheck
zip unzip
mount unmount
archive restore
freeze thaw unfreeze
lock release
commit revert rollback
attach detach
expand collapse
maximize minimize
zoom pan
join leave
hire fire
promote demote
marry divorce
guilty innocent
civil criminal
felony misdemeanor
state federal
single double triple
singular plural
odd even
major minor
senior junior
domestic international foreign
import domestic
waive charge
cover exclude
gain lose
save spend
strengthen weaken
widen narrow
thick thin
wide narrow
deep shallow
heavy light
dark light bright
loud quiet
rich poor
clean dirty
alive dead
love hate
agree disagree
safe dangerous unsafe
easy difficult hard
simple complex
active passive
begin cease
inside outside
here there
forward backward
clockwise counterclockwise anticlockwise
import export
prefix suffix
ancestor descendant
predecessor successor
previous next
prior subsequent
even odd
lead follow
offline online
manual automatic
temporary permanent
optional required mandatory
mandatory optional
voluntary compulsory
`;

/** Verb and particle that are one word in sense. */
export const PHRASES = `
turn down=decline
go up=rise
went up=rise
go down=fall
went down=fall
pull up=show
bring up=show
shut down=close
kick in=apply
look for=find
look up=find
search for=find
find out=check
see if=check if
see whether=check if
tell if=check if
tell whether=check if
get rid of=remove
take off=remove
throw away=discard
log in=login
sign in=login
log out=logout
sign out=logout
set up=setup
put off=postpone
call off=cancel
give up=quit
fill in=complete
fill out=complete
point out=show
carry out=perform
speed up=accelerate
slow down=decelerate
add up=total
money back=refund
end up=end
work out=solve
sort out=solve
figure out=solve
in charge of=lead
take place=happen
how tall=what height
how high=what height
how deep=what depth
how wide=what width
how thick=what thickness
how fast=what speed
how heavy=what weight
how big=what size
how large=what size
how hot=what temperature
how warm=what temperature
how cold=what temperature
how strong=what strength
how expensive=what cost
how old=what age
how far away=what distance
how far=what distance
how often=what frequency
how frequently=what frequency
for how long=what duration
how much time=what duration
how long=what duration
how many seconds=what duration seconds
how many minutes=what duration minutes
how many hours=what duration hours
how many days=what duration days
how many business days=what duration days
how many working days=what duration days
how many weeks=what duration weeks
how many months=what duration months
how many years=what duration years
how many people live=what is population
how many inhabitants=what population
how much can=what limit can
how much may=what limit may
how many=what count
how much=how-much
i forgot my=my
i've forgotten my=my
i have forgotten my=my
get from=from
get to=reach
getting to=reach
need to=have to
needs to=has to
needed to=had to
how do you say=translate
how do i say=translate
how to say=translate
what happens if=what consequence
what happens when=what consequence
stand for=mean
stands for=mean
made of=ingredient
made from=ingredient
consist of=ingredient
using=with
by means of=with
in simple words=simply
in simple terms=simply
in plain words=simply
in plain english=simply
boiling point=boil temperature
melting point=melt temperature
freezing point=freeze temperature
date of birth=birth date
place of birth=birth place
birthplace=birth place
close to=near
next to=near
get in touch with=contact
best way=way
right way=way
easiest way=way
turn on=enable
turns on=enable
turn off=disable
turns off=disable
switch on=enable
switch off=disable
switched on=enable
switched off=disable
turned on=enable
turned off=disable
what time=when
what date=when
which date=when
at least=minimum
at most=maximum
up to=maximum
more than=over
greater than=over
larger than=over
bigger than=over
less than=under
fewer than=under
smaller than=under
lower than=under
free of charge=free
in order to=to
prior to=before
as well as=and
apart from=except
other than=except
instead of=instead
because of=for
due to=for
`;

/** Names that are written in two ways. */
export const ALIASES = `
us usa=united states
uk gb=united kingdom
uae=united arab emirates
eu=european union
nyc=new york city
js=javascript
ts=typescript
k8s=kubernetes
postgres=postgresql
db=database
ai=artificial intelligence
`;
