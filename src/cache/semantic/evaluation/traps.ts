/* Made up for the evaluation: alike in words, not in answer. Of each class every second line is for development, the others are held out. */

export const TRAPS = `
number: How many replicas does the deployment need for 3 zones? | How many replicas does the deployment need for 5 zones?
number: What does HTTP status 401 mean? | What does HTTP status 403 mean?
number: Serve the soup for four guests: how much stock? | Serve the soup for fourteen guests: how much stock?
number: How do I scale a recipe to half the size? | How do I scale a recipe to twice the size?
number: What is the fine for a first offence? | What is the fine for a third offence?
number: How long does a 10 kWh battery last? | How long does a 13.5 kWh battery last?
number: Is a score of 7 out of 10 a pass? | Is a score of 4 out of 10 a pass?
number: Explain the five pillars of the plan | Explain the three pillars of the plan
number: Which pods restarted more than 20 times? | Which pods restarted more than two times?
number: What does Article 6 of the GDPR say? | What does Article 9 of the GDPR say?
unit: What is a safe fever temperature in Celsius? | What is a safe fever temperature in Kelvin?
unit: How many cups are in 500 ml? | How many cups are in 500 l?
unit: What is the dose of 20 mg in tablets? | What is the dose of 20 mcg in tablets?
unit: How tall is the tower in feet? | How tall is the tower in metres?
unit: What is the rent per square foot? | What is the rent per square metre?
unit: Is 30 minutes of kneading enough? | Is 30 seconds of kneading enough?
unit: What's the price per kilo? | What's the price per pound?
unit: How many days of leave do I have left? | How many hours of leave do I have left?
id: What does error E1042 mean? | What does error E1024 mean?
id: Where is parcel 7F-2291? | Where is parcel 7F-2219?
id: Which team owns service payments-v2? | Which team owns service payments-v3?
id: What is the warranty of model HX-200? | What is the warranty of model HX-200S?
id: Summarise pull request #881 | Summarise pull request #818
id: Is CVE-2021-44228 fixed in our image? | Is CVE-2021-45046 fixed in our image?
date: Which flights leave on 12 June? | Which flights leave on 12 July?
date: What happened on 4 March 1933? | What happened on 4 March 1938?
date: Is the shop closed on Christmas Eve? | Is the shop closed on New Year's Eve?
date: What is due on the 1st of the month? | What is due on the 15th of the month?
date: Which laws took effect in 2019? | Which laws took effect in 2020?
date: What is the forecast for Tuesday? | What is the forecast for Thursday?
time: Is the lab open at 9:15? | Is the lab open at 9:50?
time: Does the bus run at 11 pm? | Does the bus run at 11 am?
time: When should I water the plants in the morning? | When should I water the plants in the evening?
time: Is the heating on between midnight and 6? | Is the heating on between noon and 6?
range: Which exercises suit ages 5 to 8? | Which exercises suit ages 8 to 12?
range: Is a pH of 6-7 right for roses? | Is a pH of 5-6 right for roses?
range: What is covered from 2010 to 2015? | What is covered from 2010 to 2018?
range: What is the tax band between 10,000 and 20,000? | What is the tax band between 20,000 and 40,000?
negation: Which services have a health check? | Which services don't have a health check?
negation: Is the tenant liable for the damage? | Is the tenant not liable for the damage?
negation: Which desserts contain nuts? | Which desserts contain no nuts?
negation: Who can see the salary report? | Who cannot see the salary report?
negation: Why is my build cached? | Why isn't my build cached?
negation: Are interns covered by the dental plan? | Are interns not covered by the dental plan?
negation: Should I eat before the blood test? | Should I not eat before the blood test?
negation: What should I pack for the desert? | What should I never pack for the desert?
implicit-negation: Why does the job finish in time? | Why does the job fail to finish in time?
implicit-negation: Which students handed in the essay? | Which students failed to hand in the essay?
implicit-negation: Which tables have an index? | Which tables lack an index?
implicit-negation: Which foods should I eat with gout? | Which foods should I avoid with gout?
implicit-negation: When should I start taking the tablets? | When should I stop taking the tablets?
implicit-negation: How do I use global variables? | How do I avoid global variables?
implicit-negation: How do I keep the milk boiling? | How do I keep the milk from boiling?
implicit-negation: Why did the server accept the token? | Why did the server refuse the token?
implicit-negation: What helps me fall asleep? | What prevents me from falling asleep?
implicit-negation: Which workers are insured? | Which workers are uninsured?
implicit-negation: Is the seller allowed to keep the deposit? | Is the seller forbidden to keep the deposit?
implicit-negation: Which guests remembered to check out? | Which guests forgot to check out?
implicit-negation: Does the trial require a credit card? | Does the trial go without a credit card?
implicit-negation: How do I make the alarm ring? | How do I stop the alarm from ringing?
antonym: How do I pause the pipeline? | How do I resume the pipeline?
antonym: How do I thicken a sauce? | How do I thin a sauce?
antonym: Who is the plaintiff in the case? | Who is the defendant in the case?
antonym: What is the cheapest seat on the ferry? | What is the priciest seat on the ferry?
antonym: What raises blood sugar? | What lowers blood sugar?
antonym: How do I promote a replica? | How do I demote a replica?
antonym: How do I compress a folder? | How do I decompress a folder?
antonym: When does the tide come in? | When does the tide go out?
antonym: Are short positions taxed? | Are long positions taxed?
antonym: How do I hire a contractor? | How do I dismiss a contractor?
antonym: How do I dim the lamp? | How do I brighten the lamp?
antonym: What are the strengths of the design? | What are the weaknesses of the design?
antonym: Is the material flexible? | Is the material rigid?
antonym: How do I make the dough softer? | How do I make the dough firmer?
antonym: What makes metal expand? | What makes metal contract?
antonym: How do I open a ticket? | How do I close a ticket?
entity: How do I deploy to Heroku? | How do I deploy to Netlify?
entity: What is the visa fee for Kenya? | What is the visa fee for Ghana?
entity: How long do I cook quinoa? | How long do I cook couscous?
entity: What are the side effects of metformin? | What are the side effects of insulin?
entity: When was Marie Curie born? | When was Pierre Curie born?
entity: Does the kettle work with Alexa? | Does the kettle work with Siri?
entity: What does the liver do? | What does the kidney do?
entity: How do I parse XML in Python? | How do I parse YAML in Python?
entity: What is the phone number of the Leeds office? | What is the phone number of the Bristol office?
entity: Which vitamins are in carrots? | Which vitamins are in parsnips?
entity: Is the VAT rate on books reduced? | Is the VAT rate on newspapers reduced?
entity: Does Priya approve travel expenses? | Does Prisha approve travel expenses?
entity: how do i install redis on debian | how do i install redis on fedora
entity: what is the email of mr khan | what is the email of mr kahn
role: Can a manager report an employee? | Can an employee report a manager?
role: The teacher emails the student: what tone? | The student emails the teacher: what tone?
role: Does the seller pay the buyer's agent? | Does the buyer pay the seller's agent?
role: Did the dog chase the cat? | Did the cat chase the dog?
role: Is a square a rectangle? | Is a rectangle a square?
role: How do I convert Markdown to HTML? | How do I convert HTML to Markdown?
role: What is the distance the car travels before the driver reacts? | What does the driver do before the car reacts?
role: Who did Martha sue? | Who sued Martha?
role: Does the frontend call the billing service? | Does the billing service call the frontend?
role: Can the bank sue the guarantor? | Can the guarantor sue the bank?
role: Is Venus closer to Earth than Mars? | Is Mars closer to Earth than Venus?
role: How do I copy a table from staging to production? | How do I copy a table from production to staging?
role: Was Kim hired by Lee? | Was Lee hired by Kim?
role: Which nurses did the doctor train? | Which nurses trained the doctor?
role: Subtract 5 from 12 | Subtract 12 from 5
role: How do I merge develop into main? | How do I merge main into develop?
quote: What does "carpe diem" mean? | What does "carpe noctem" mean?
quote: Find the log lines with 'timeout' | Find the log lines with 'refused'
quote: Is "their" right in this sentence? | Is "there" right in this sentence?
quote: Rename the field "amount" to "total" | Rename the field "amount" to "sum"
insertion: How do I set up two-step login? | How do I set up two-step login for contractors?
insertion: How do I bake a cheesecake? | How do I bake a cheesecake without eggs?
insertion: What is the notice period? | What is the notice period during probation?
insertion: How do I reset the thermostat? | How do I reset the thermostat remotely?
insertion: Is aspirin safe? | Is aspirin safe for children?
insertion: How do I sort a list in Python? | How do I sort a list in Python by length?
insertion: Do I need a visa for Turkey? | Do I need a transit visa for Turkey?
insertion: What is the delivery fee? | What is the delivery fee on weekends?
insertion: How long does paint take to dry? | How long does oil paint take to dry?
insertion: Which courses are there? | Which evening courses are there?
insertion: What is the return policy? | What is the return policy for gifts?
insertion: How is overtime paid? | How is overtime paid on public holidays?
insertion: Can I bring a bag? | Can I bring a wheeled bag?
insertion: How do I list the running containers? | How do I list the running containers on a remote host?
insertion: What is the interest on a loan? | What is the interest on a student loan?
insertion: Explain recursion | Explain tail recursion
insertion: How do I delete a branch? | How do I delete a branch locally?
insertion: What are the rules of chess? | What are the rules of blitz chess?
insertion: How do I clean a leather sofa? | How do I clean a white leather sofa?
insertion: When is the library open? | When is the library open during exams?
scope: Do all plans include support? | Do some plans include support?
scope: Which files may any user read? | Which files may only the admin user read?
scope: Are all metals magnetic? | Are most metals magnetic?
scope: Does every employee get a laptop? | Does any employee get a laptop?
scope: Can I use at least 3 coupons? | Can I use at most 3 coupons?
scope: Show every invoice that is overdue | Show one invoice that is overdue
scope: Is only breakfast included? | Is breakfast included?
scope: Do both parents have to sign? | Does either parent have to sign?
scope: Are nearly all seats sold? | Are all seats sold?
scope: List the first match in the file | List all matches in the file
modality: Can I take the exam twice? | Must I take the exam twice?
modality: Should employees sign the form? | Must employees sign the form?
modality: Can the landlord enter the flat? | Should the landlord enter the flat?
modality: Do I have to declare the gift? | Can I declare the gift?
modality: May visitors park here? | Do visitors have to park here?
modality: Could the patient drive after surgery? | Should the patient drive after surgery?
tense: Did the vendor ship the spare part? | Will the vendor ship the spare part?
tense: Who runs the school? | Who ran the school?
tense: What did the parser support? | What will the parser support?
tense: Has the contract been signed? | Will the contract be signed?
tense: Is the migration running? | Was the migration running?
tense: Why was the route closed? | Why will the route be closed?
comparison: Is the train faster than the coach? | Is the train slower than the coach?
comparison: Which suppliers charge more than 5%? | Which suppliers charge less than 5%?
comparison: Does oat milk have more protein than soy milk? | Does soy milk have more protein than oat milk?
comparison: Is copper heavier than iron? | Is copper as heavy as iron?
comparison: Which country has the highest tax? | Which country has the second highest tax?
comparison: Which bulbs use less power? | Which bulbs use the least power?
comparison: Is it better to rent or to buy? | Is it cheaper to rent or to buy?
comparison: Which cluster is bigger? | Which cluster is the biggest?
part: What is the capacity of the fuel tank? | What is the capacity of the fuel pump?
part: How do I replace the screen of the tablet? | How do I replace the tablet?
part: How do I clean the filter of the dishwasher? | How do I clean the dishwasher?
part: What does the first chapter of the book say? | What does the book say?
part: Who designed the engine of the car? | Who designed the car?
part: What does the roof of the house cost? | What does the house cost?
thing: How deep is the lake? | How deep is the river?
thing: What is the speed limit on a motorway? | What is the speed limit on a country road?
thing: How do I prune an apple tree? | How do I prune a cherry tree?
thing: What is a foreign key? | What is a primary key?
thing: How much protein is in a lentil? | How much protein is in a chickpea?
thing: What is a stack? | What is a queue?
thing: How do I treat a burn? | How do I treat a bruise?
thing: What is mitosis? | What is meiosis?
thing: How do I sharpen a chisel? | How do I sharpen a saw?
thing: How do I apply for a scholarship? | How do I apply for a loan?
thing: How much is a monthly ticket? | How much is a day ticket?
thing: What is the melting point of tin? | What is the boiling point of tin?
thing: Which side is the fuse box on? | Which side is the water meter on?
thing: What does the motion sensor cost? | What does the smoke sensor cost?
thing: Is sparkling water included? | Is still water included?
thing: How do I write a unit test? | How do I write an integration test?
thing: What is the deposit for a two-bedroom flat? | What is the deposit for a one-bedroom flat?
thing: What is the weight of an ostrich egg? | What is the weight of an ostrich?
question: How do I cancel the policy? | Why do I cancel the policy?
question: When did the outage start? | Where did the outage start?
question: Who can approve a refund? | When can I approve a refund?
question: How much salt does the dish need? | Why does the dish need salt?
question: Does the valve leak? | Why does the valve leak?
question: Where do I renew my passport? | How do I renew my passport?
question: Who discovered radium? | How was radium discovered?
question: How often should I change the filter? | How should I change the filter?
question: Why is the sky blue? | Is the sky blue?
question: What is a webhook? | Where is a webhook?
question: How long is the course? | How much is the course?
question: Which doctor should I see? | When should I see a doctor?
question: How far is the beach? | How wide is the beach?
question: How heavy is the crate? | How tall is the crate?
person: What is my notice period? | What is your notice period?
person: How much do they owe? | How much do I owe?
person: Where do I sign? | Where does she sign?
person: What can you deduct? | What can he deduct?
person: What are our obligations under the lease? | What are their obligations under the lease?
causality: Does stress cause insomnia? | Does insomnia cause stress?
causality: Do price rises follow wage rises? | Do wage rises follow price rises?
causality: What causes high blood pressure? | What does high blood pressure cause?
causality: Does the leak lead to rust? | Does rust lead to the leak?
causality: What depends on the cache? | What does the cache depend on?
causality: What triggers the webhook? | What does the webhook trigger?
causality: How does sleep affect memory? | How does memory affect sleep?
causality: What is the cause of the crash? | What is the effect of the crash?
causality: Why does heat create pressure? | Why does pressure create heat?
freshness: What is the current wait at the clinic? | How long is the wait at the clinic right now?
freshness: Which trains are running today? | What trains run today?
freshness: Who is on call this week? | Which engineer is on call this week?
freshness: Is the cluster healthy at the moment? | Is the cluster healthy right now?
action: Restart the web server | Please restart the web server
action: Lock the front door | Can you lock the front door?
action: Send the contract to Dana | Email the contract to Dana
action: Refund order 5512 | Issue a refund for order 5512
language: Wie lange muss Reis kochen? | Wie lange muss Hirse kochen?
language: Darf der Vermieter die Miete erhöhen? | Darf der Vermieter die Miete senken?
language: Welche Kosten trägt der Käufer? | Welche Kosten trägt der Verkäufer?
language: Wie schalte ich die Heizung ein? | Wie schalte ich die Heizung aus?
language: Kann man das Gericht mit Milch kochen? | Kann man das Gericht ohne Milch kochen?
language: Comment annuler une commande ? | Comment suivre une commande ?
language: Quels aliments sont autorisés ? | Quels aliments sont interdits ?
language: Le contrat est-il valable ? | Le contrat n'est-il pas valable ?
language: ¿Cómo enciendo la lámpara? | ¿Cómo apago la lámpara?
language: ¿Cuánto cuesta el billete de ida? | ¿Cuánto cuesta el billete de vuelta?
language: ¿Qué vuelos salen de Madrid a Lima? | ¿Qué vuelos salen de Lima a Madrid?
language: Hoe zet ik de wekker aan? | Hoe zet ik de wekker uit?
language: Wat kost een kaartje voor kinderen? | Wat kost een kaartje voor volwassenen?
language: 怎么打开蓝牙? | 怎么关闭蓝牙?
language: 北京到上海的火车票多少钱? | 上海到北京的火车票多少钱?
language: 孕妇可以吃什么? | 孕妇不可以吃什么?
`;
