/* Pairs made up for the tests, from many fields of life. Two questions a line. */

/** Alike in words, not in answer. */
export const TRAPS =
  toPairs(`What is the cheapest flight from Oslo to Rome?|What is the most expensive flight from Oslo to Rome?
Do I need a visa to travel from India to Brazil?|Do I need a visa to travel from Brazil to India?
Which hotels in Lisbon allow pets?|Which hotels in Lisbon do not allow pets?
How do I mount an NTFS drive on Ubuntu?|How do I unmount an NTFS drive on Ubuntu?
How do I convert a string to an integer in Go?|How do I convert an integer to a string in Go?
How do I push to a remote branch in git?|How do I pull from a remote branch in git?
What does git merge do?|What does git rebase do?
How do I sort an array in descending order in JavaScript?|How do I sort an array in ascending order in JavaScript?
What is the maximum dose of aspirin per day for adults?|What is the minimum dose of aspirin per day for adults?
Can I take ibuprofen with alcohol?|Can I take ibuprofen without alcohol?
Is amoxicillin safe for cats?|Is amoxicillin safe for dogs?
Take 5 mg twice a day means what?|Take 50 mg twice a day means what?
What are the symptoms of type 1 diabetes?|What are the symptoms of type 2 diabetes?
What are the symptoms of hypothyroidism?|What are the symptoms of hyperthyroidism?
How long do I boil soft eggs?|How long do I boil hard eggs?
How do I make bread with yeast?|How do I make bread without yeast?
What is the oven temperature for roasting chicken in Celsius?|What is the oven temperature for roasting chicken in Fahrenheit?
How many grams of sugar are in a cup?|How many grams of flour are in a cup?
Can a landlord evict a tenant without notice?|Can a tenant sue a landlord without notice?
Can an employee sue an employer?|Can an employer sue an employee?
Is a verbal contract binding in Ohio?|Is a verbal contract binding in Iowa?
What is the statute of limitations for felony theft?|What is the statute of limitations for misdemeanor theft?
Who won the 2010 World Cup?|Who lost the 2010 World Cup final?
How many goals did Messi score in 2012?|How many goals did Ronaldo score in 2012?
When does the meeting with Alice start?|When does the meeting with Alice end?
Is the office open on Monday?|Is the office open on Tuesday?
Is the clinic open at 8 am?|Is the clinic open at 8 pm?
What is the first step in the onboarding process?|What is the last step in the onboarding process?
How do I turn up the brightness on the TV?|How do I turn down the brightness on the TV?
How do I connect my headphones to the phone?|How do I disconnect my headphones from the phone?
Does the iPhone 14 support wireless charging?|Does the iPhone 14 Pro support wireless charging?
Does the Galaxy S22 have a headphone jack?|Does the Galaxy S23 have a headphone jack?
How do I export a project to PDF?|How do I import a project from PDF?
What is the population of Austria?|What is the population of Australia?
Who was the first president of the United States?|Who was the second president of the United States?
Which planet is closest to the sun?|Which planet is farthest from the sun?
Did Google acquire Fitbit?|Did Fitbit acquire Google?
Did Google acquire Fitbit?|Was Google acquired by Fitbit?
Can dogs bite snakes?|Can snakes bite dogs?
Why do plants need more light than water?|Why do plants need more water than light?
What is the tax rate for single filers?|What is the tax rate for joint filers?
List all users who have logged in since March|List all users who have not logged in since March
List employees hired before 2019|List employees hired after 2019
Show orders above $500|Show orders below $500
What is 15% of 80?|What is 50% of 80?
What is the speed limit in km/h on highways in Spain?|What is the speed limit in mph on highways in Spain?
Who is the author of War and Peace?|When was War and Peace written?
Can I cancel my gym membership online?|How do I cancel my gym membership online?
How do I encrypt a file with gpg?|How do I decrypt a file with gpg?
How do I allow port 8080 in the firewall?|How do I block port 8080 in the firewall?
What is the warranty on refurbished laptops?|What is the warranty on new laptops?
Is Bob taller than Tom?|Is Tom taller than Bob?
Does the basic plan include phone support?|Does the enterprise plan include phone support?
Translate "good night" to French|Translate "good night" to Italian
What is the return policy for opened items?|What is the return policy for unopened items?
Which vaccines are required for children?|Which vaccines are required for adults?
How do I write to a file in Rust?|How do I read from a file in Rust?
What is the capital of Georgia the country?|What is the capital of Georgia the state?
Which foods are high in iron?|Which foods are low in iron?
Which foods are high in iron?|Which foods are high in calcium?
Is coffee good for the heart?|Is coffee bad for the heart?
Summarize the causes of World War I|Summarize the causes of World War II
What does vitamin C do?|What does vitamin D do?
Explain the difference between C and C++|Explain the difference between C and C#
How do I delete a column in Excel?|How do I delete a row in Excel?
Is the train to Bergen on time?|Is the bus to Bergen on time?
What is the check-in time at the hotel?|What is the check-out time at the hotel?
Which parent class does Dog inherit from?|Which child class inherits from Dog?
How often should I water a cactus in summer?|How often should I water a cactus in winter?
What is the phone number of Dr. Brown?|What is the phone number of Dr. Braun?
What is the weight limit for carry-on bags?|What is the weight limit for checked bags?
Can minors open an account with a parent?|Can minors open an account without a parent?
What is the refund window for annual plans?|What is the refund window for monthly plans?
What is invoice INV-2210 about?|What is invoice INV-2201 about?
Does version 3.11 support pattern matching?|Does version 3.9 support pattern matching?
Which countries export the most oil?|Which countries import the most oil?
How is the north coast of Crete?|How is the south coast of Crete?
What was the GDP of Chile in 2005?|What is the GDP of Chile?
Do bees sleep at night?|Do bees sleep during the day?
Is it legal to own a gun in Japan?|Is it illegal to own a gun in Japan?
Should I take the medicine before meals?|Should I take the medicine after meals?
Who is the CEO of Shell?|Who is the CFO of Shell?
What is his date of birth?|What is her date of birth?
How do I increase swap space on Debian?|How do I decrease swap space on Debian?
How far is Lyon from Paris?|How far is Lille from Paris?
How many calories are in two eggs?|How many calories are in three eggs?
What are the benefits of remote work for employers?|What are the benefits of remote work for employees?
Who teaches the evening pottery class?|Who teaches the morning pottery class?
Is the museum free for students?|Is the museum free for seniors?
Can I fly if I am vaccinated but not tested?|Can I fly if I am tested but not vaccinated?
What happens if I miss one dose of the pill?|What happens if I miss two doses of the pill?
Which users have only read access?|Which users have read access?
How do I undo the last commit but keep changes?|How do I undo the last commit and discard changes?
Is the Python GIL removed in version 3.13?|Is the Python GIL present in version 3.13?
What is the cost of shipping to Alaska by air?|What is the cost of shipping to Alaska by sea?
How do I enable dark mode on Android?|How do I enable dark mode on iOS?
How do I enable dark mode?|How do I enable dark mode on Android?
Do cats see better than dogs in the dark?|Do dogs see better than cats in the dark?
What is the penalty for late filing?|What is the penalty for early withdrawal?
Who do I contact for billing issues?|Who do I contact for technical issues?
Wie kündige ich mein Abo?|Wie verlängere ich mein Abo?
Wie spät fährt der Zug nach Köln?|Wie spät fährt der Zug nach Bonn?
Comment activer le mode sombre ?|Comment désactiver le mode sombre ?
パスワードを変更する方法は?|パスワードを削除する方法は?
¿Cuál es la capital de Chile?|¿Cuál es la capital de Perú?
Can you sort x > 5?|Can you sort x < 5?
Can I pay with Visa?|Can I pay with Mastercard?
What is the interest on a personal loan?|What is the interest on a car loan?
How do I set an alarm for weekdays?|How do I set an alarm for weekends?
Is Venus hotter than Mercury?|Is Mercury hotter than Venus?
Find recipes with chicken but no garlic|Find recipes with garlic but no chicken
How does Kafka compare to RabbitMQ for throughput?|How does Kafka compare to RabbitMQ for latency?
What did the buyer pay the seller?|What did the seller pay the buyer?
How do I assign a task to Maria from Peter?|How do I assign a task to Peter from Maria?
How many people died in the 1906 earthquake?|How many people survived the 1906 earthquake?
Does a larger aperture give more depth of field?|Does a smaller aperture give more depth of field?
When was the Eiffel Tower built?|Where was the Eiffel Tower built?
How tall is the Eiffel Tower?|How old is the Eiffel Tower?
How heavy is a blue whale?|How long is a blue whale?
How do I open the trunk from inside the car?|How do I open the trunk from outside the car?
Which side effects are common?|Which side effects are rare?
Are tips included in the bill?|Are taxes included in the bill?
Is parking free on weekends?|Is parking free on weekdays?
Does the tenant pay for repairs?|Does the landlord pay for repairs?
Can I bring liquids in hand luggage?|Can I bring liquids in checked luggage?
Can I freeze cooked rice?|Can I freeze uncooked rice?
At least how many players are needed for a match?|At most how many players are allowed for a match?
What is the distance to the Moon in miles?|What is the distance to the Moon in kilometers?
Who scored the first goal in the final?|Who scored the winning goal in the final?
Should the patient fast before surgery?|Should the patient fast after surgery?
Who is the mayor of Cork?|Who was the mayor of Cork?
What is the baggage fee on economy flights?|How much is the baggage fee on business class flights?
How do I renew my library card?|What do I do to replace my library card?
Which bus goes from the airport to downtown?|Which bus goes to the airport from downtown?
Is the standard warranty transferable?|Is the extended warranty transferable?
How do I add a co-signer to a lease?|How do I remove a co-signer from a lease?
What's the deductible on the silver plan?|What's the deductible on the bronze plan?
How much does a single room cost per night?|How much does a double room cost per night?
Which drugs interact with warfarin?|Which foods interact with warfarin?
Does the API return JSON?|Does the API return XML?
How do I read a CSV file in pandas?|How do I write a CSV file in pandas?
How do I catch an exception in Python?|How do I throw an exception in Python?
Is the left lane for passing?|Is the right lane for passing?
What time does the pharmacy open?|What time does the pharmacy close?
What time does the pharmacy open?|When does the pharmacy close?
Can guests use the pool?|Can guests use the gym?
How many vacation days do employees get?|How many sick days do employees get?
What is the name of customer 1182's contact?|What is the name of customer 1128's contact?
What is the address of Laura Klein?|What is the address of Lars Klein?
what is the address of laura klein|what is the address of lars klein
Is gluten present in soy sauce?|Is gluten absent in soy sauce?
Are refunds possible after 30 days?|Are refunds impossible after 30 days?
Does the heater work in rain?|Does the heater fail in rain?
Can students cancel within 14 days?|Can students cancel within 40 days?
How do I make the font bigger?|How do I make the font smaller?
Should the dough rise in a warm place?|Should the dough rise in a cold place?
Show me all invoices that are paid|Show me all invoices that are unpaid
Show the tasks assigned to me by Kim|Show the tasks assigned by me to Kim
What happened in the first half of the match?|What happened in the second half of the match?
How wide is the Amazon river?|How long is the Amazon river?
What is the mortgage rate for first-time buyers?|What is the mortgage rate for existing customers?
Do prepaid cards work abroad?|Do debit cards work abroad?
What does the premium tier cost?|What does the free tier cost?
Are late fees charged on the store card?|Are late fees waived on the store card?
Is overtime paid to contractors?|Is overtime paid to employees?
How is the wine stored before opening?|How is the wine stored after opening?
Is the app available on Windows?|Is the app unavailable on Windows?
How do I sync contacts from iCloud to Outlook?|How do I sync contacts from Outlook to iCloud?
Who supervises the nurse?|Who does the nurse supervise?
Which teams beat Chelsea?|Which teams did Chelsea beat?
Does A depend on B?|Does B depend on A?
Can I deduct home office costs?|Can I deduct home renovation costs?
Explain the causes of inflation|Explain the effects of inflation
What are the advantages of solar panels?|What are the disadvantages of solar panels?
What are the pros of solar panels?|What are the cons of solar panels?
Is 6 ft tall for a boy?|Is 6 ft tall for a girl?
How long does express delivery take?|How long does standard delivery take?
What is the monthly limit on the joint account?|What's the joint account limit per week?
In which year did the war end?|On which day did the war end?
How many days of leave do I get?|How many hours of leave do I get?
What is simple interest?|What is interest?
What is my blood type?|What is my blood pressure?
How do I share a folder?|How do I return a folder?
How do I take a screenshot?|How do I see a screenshot?
Where can I use the voucher?|Where is the voucher?
Who needs insurance?|Who has insurance?
What are the terms of the lease?|What is the lease?
How do I create a database user?|How do I create a database?
Are the workers paid?|Do the workers pay?
Is the child insured by the school?|Does the child insure the school?
Can I use the same card?|Can I use another card?
Is it too hot for cats?|Is it hot for cats?
How do I build the image?|How do I create the image?
How do I stop the instance?|How do I terminate the instance?
How do I join two tables in SQL?|How do I merge two tables in SQL?
What is the cure for gout?|What is the treatment for gout?
Is the report due by Friday?|Is the report due after Friday?
Which emails were sent to Kim?|Which emails were sent by Kim?
Show the invoices from Acme|Show the invoices to Acme
What is the best phone?|What is the phone?
Which moons does Jupiter have?|How many moons does Jupiter have?
What is the universe?|How old is the universe?
What is the age of the universe?|What is the size of the universe?
What is the course?|How long is the course?
When is the course?|How long is the course?
What does the customer number look like?|What does the customer look like?
What is the account number of the club?|What is the account of the club?
How do I rename a file?|How do I rename a document?
How do I print the file name?|How do I print the file?
What was in the box with the red lid?|What was in the red box with the lid?
Is the red car behind the blue truck?|Is the blue car behind the red truck?
Which teams lost to Arsenal?|Which teams did Arsenal lose to?
Does the parent call the child?|Does the child call the parent?
Who can read the files of the admin?|Which files can the admin read?
What will the update change?|What did the update change?
Who leads the team?|Who led the team?
Who owned the house?|Who owns the house?
Should I see a dentist?|Must I see a dentist?
Do I need a permit?|Can I get a permit?
Do I need a permit for a shed?|Do I need a permit for a fence?
Is a permit required for a shed?|Is a permit available for a shed?
Are pets allowed in the garden?|Are pets required in the garden?
How do I prevent rust?|How do I cause rust?
How do I avoid late fees?|How do I pay late fees?
Why did the deploy fail?|Why did the deploy succeed?
Why does it fail to load?|Why does it load?
What is lacking in the diet?|What is in the diet?
Which seats are left?|Which seats are taken?
Which seats are on the left?|Which seats are on the right?
Is the heater off when I leave?|Is the heater on when I leave?
How do I turn the fan on?|How do I turn the fan off?
Turn the fan on at night?|Turn the fan off at night?
Which rooms are booked before noon?|Which rooms are booked until noon?
How long until the battery is full?|How long until the battery is empty?
How do I charge the battery?|How much is the battery?
How do I check the oil?|How do I change the oil?
How do I read the meter?|How do I replace the meter?
Explain the pros of nuclear energy|Explain the risks of nuclear energy
Summarize chapter 3|Explain chapter 3
Write a poem about rain|Write an essay about rain
Translate "cat" into Dutch|Translate Dutch into "cat"
Write an email to my landlord|Write an email from my landlord
Write a letter to accept an offer|Write a letter to decline an offer
Give three reasons for recycling|Give three reasons against recycling
List countries that border France|List countries that France does not border
Which countries are bigger than Spain?|Which countries are smaller than Spain?
Which is heavier, a kilo of lead or a kilo of iron?|Which is lighter, a kilo of lead or a kilo of iron?
What is the second largest city in Japan?|What is the largest city in Japan?
What is the largest island in Japan?|What is the largest city in Japan?
What is the capital city of Peru?|What is the largest city of Peru?
Which city is the capital of Peru?|Which city is the port of Peru?
What is the maximum speed?|What is the average speed?
What is the gross weight?|What is the net weight?
What is the atomic weight of iron?|What is the atomic number of iron?
Is it cheaper to fly on Monday or Tuesday?|Is it cheaper to fly on Monday or Friday?
How do I say no politely?|How do I say yes politely?
Who was born in Rome?|Who died in Rome?
When did the king die?|When was the king born?
Where did he die?|Where was he born?
What eats frogs?|What do frogs eat?
What do plants produce?|What produces plants?
Which enzyme breaks down starch?|Which enzyme breaks down fat?
Does vaccine A protect against virus B?|Does vaccine B protect against virus A?
Can a minor sign without a guardian?|Can a guardian sign without a minor?
Is the landlord responsible for repairs?|Is the tenant responsible for repairs?
Do I pay tax if I earn less than 10k?|Do I pay tax if I earn more than 10k?
Is the app free for students?|Is the app free of ads for students?
Does the hotel have a pool?|Does the hotel have a heated pool?
Does the room have a view?|Does the room have a sea view?
How do I cook rice?|How do I cook rice in the microwave?
How do I cook rice quickly?|How do I cook brown rice quickly?
Is milk in the fridge safe?|Is milk out of the fridge safe?
How do I log in as root?|How do I log out as root?
What is the role of the mother?|What is the role of the father?
What is the user limit?|What is the file limit?
What is the limit for users?|What is the limit per user?
How much can I withdraw?|How much did I withdraw?
How much do I owe?|How much do I own?
How much is the rent?|When is the rent due?
What is the opposite of hot?|What is the meaning of hot?
How do cats see?|What do cats see?
Which port does Redis use?|Which port does Redis use for clustering?
What is a process in Linux?|What is a thread in Linux?
What is an interface?|What is an abstract class?
Is Java faster than Python?|Is Python faster than Java?
Is a whale a fish?|Is a fish a whale?
Are all birds animals?|Are all animals birds?
Do men live longer than women?|Do women live longer than men?
Does A imply B?|Does B imply A?
Can water become ice?|Can ice become water?
Who gave the book to Anna?|To whom did Anna give the book?
What did the lawyer tell the client?|What did the client tell the lawyer?
How do I unblock a user?|How do I block a user?
How do I enter the country?|How do I leave the country?
Where does the river begin?|Where does the river end?
Is smoking inside allowed?|Is smoking outside allowed?
Is smoking allowed?|Is smoking banned?
What if I miss the exam?|What if I pass the exam?
Is the position full-time?|Is the position part-time?
Is the wine red?|Is the wine white?
Is the train direct?|Is the flight direct?
Is it open to members?|Is it open to non-members?
Is it open on holidays?|Is it open except on holidays?
Which items ship free?|Which items ship?
Do I get a bonus?|Do managers get a bonus?
Do I get a bonus every year?|Do I get a bonus every month?
Who is the author of Emma?|Who is the heroine of Emma?
What are the hours of the museum?|What are the prices of the museum?
What is the address of the museum?|What is the website of the museum?
How do I get to the museum?|How do I get into the museum?
How do I get from the museum?|How do I get to the museum?
How is cheese made?|How is cheese eaten?
How is the cheese?|How is cheese made?
What is cheese made of?|What is cheese?
What is the cheese for?|What is the cheese?
What happens if I overcook rice?|How do I overcook rice?
What does a nurse do?|What does a nurse earn?
What does the button do?|What is the button?
Who is the manager of the store?|Who manages the warehouse?
Who is the manager of Kim?|Who is managed by Kim?
Who manages Kim?|Who does Kim manage?
Which artist painted the ceiling?|Who painted the wall?
Which manager approves it?|Who rejects it?
How do I change a tire?|How do I change a tire on a bike?
Is there a way to undo a merge?|Is there a reason to undo a merge?
Is there a discount?|Is there a discount code?
What are the causes of war?|What are the consequences of war?
What causes inflation?|What reduces inflation?
What is the purpose of the liver?|What is the location of the liver?
How do I fix a flat tire?|How do I avoid a flat tire?
Does the plan cover me?|Does the plan cover my wife?
Is dad insured?|Is mum insured?
What size is the bed?|What colour is the bed?
What colour is the car?|What is the car?
How big is the file?|Where is the file?
Can I pay with PayPal?|Can I pay with Bitcoin?
Can I pay in cash?|Can I pay in euros?
Can I pay in advance?|Can I pay in arrears?
Can I use oil instead of butter?|Can I use butter instead of oil?
Should I pick React over Vue?|Should I pick Vue over React?
Why is tea preferred to coffee?|Why is coffee preferred to tea?
Does the fee apply if I cancel?|Does the fee apply unless I cancel?
Can I bring food and drinks?|Can I bring food or drinks?
Did prices rise by 5%?|Did prices rise to 5%?
Increase from 5 to 10: what percentage?|Decrease from 10 to 5: what percentage?
What is 5 minus 3?|What is 3 minus 5?
What is 10 divided by 2?|What is 2 divided by 10?
Is the ratio 3 to 5 right?|Is the ratio 5 to 3 right?
What did people use to eat?|What do people eat?
Why did he succeed despite the injury?|Why did he succeed because of the injury?
Is the film suitable for children under 12?|Is the film suitable for children over 12?
Which roads lead into town?|Which roads lead out of town?
Who lives above the shop?|Who lives below the shop?
What came before the Bronze Age?|What came after the Bronze Age?
Who works for Dana?|Who does Dana work for?
Who reports to Dana?|Who does Dana report to?
Who does Dana trust?|Who trusts Dana?
Is Dana Kim's boss?|Is Kim Dana's boss?
Is Anna older than Ben?|Is Ben older than Anna?
Is Anna as old as Ben?|Is Anna older than Ben?
How much older is Anna than Ben?|How old is Anna?
What is the name of Anna's dog?|What is the name of Anna?
What is the name of Anna's dog?|What is the breed of Anna's dog?
How do I undo a commit that was pushed?|How do I undo a commit that was not pushed?
How do I undo the last commit?|How do I undo the first commit?
How do I undo the last commit?|How do I undo the last two commits?
How do I merge without a commit?|How do I merge with a commit?
How do I check whether a string is empty?|How do I check whether a string is not empty?
How do I check whether a list contains an item?|How do I check whether an item contains a list?
Convert the table from wide to long|Convert the table from long to wide
Sort by date, then by name|Sort by name, then by date
Sort by date descending|Sort by date
Select rows where a > b|Select rows where b > a
Select rows where age >= 18|Select rows where age > 18
What does a == b do?|What does a === b do?
What does x++ do?|What does x-- do?
What does the -r flag do?|What does the -R flag do?
What does chmod 755 do?|What does chmod 775 do?
What does ls -l show?|What does ls -a show?
Explain the regex ^a|Explain the regex a$
Open config.yaml in vim|Open config.yml in vim
Which commits touch src/a.ts?|Which commits touch src/b.ts?
Deploy to eu-west-1: what are the costs?|Deploy to eu-west-2: what are the costs?
What changed between v1.2 and v1.3?|What changed between v1.2 and v1.4?
What changed from v1.3 to v1.2?|What changed from v1.2 to v1.3?
Is IPv4 supported?|Is IPv6 supported?
Does the C API exist?|Does the C++ API exist?
Is the endpoint GET or POST?|Is the endpoint PUT or POST?
What is the default timeout?|What is the maximum timeout?
How do I raise the timeout?|How do I raise an exception?
How do I catch a fish?|How do I catch a cold?
How do I draw a circle?|How do I draw a crowd?
How do I run a marathon?|How do I run a container?
Where is Georgia?|Where is Georgia Street?
Who is Jordan?|Where is Jordan?
Tell me about Washington|Tell me about Washington Irving
Summarize the email from Bob about pricing|Summarize the email from Bob about hiring
Summarize the email from Bob to Ann|Summarize the email from Ann to Bob
Classify this review: the food was great but the service was slow|Classify this review: the service was great but the food was slow
Classify the sentiment: I love this phone|Classify the sentiment: I hate this phone
Classify the sentiment: not bad at all|Classify the sentiment: bad at all
Extract the names from: Ann met Bob in Rome|Extract the names from: Ann met Bill in Rome
Extract the dates from: due 2024-05-01|Extract the dates from: due 2024-05-02
Is this spam: you won a prize, click here|Is this spam: you won a game, click here
Rewrite in a formal tone: thanks for the gift|Rewrite in a friendly tone: thanks for the gift
Rewrite this in the first person|Rewrite this in the third person
Shorten this text to 50 words|Extend this text to 50 words
Translate from German to English: Hund|Translate from English to German: Hund
Explain like I'm five: gravity|Explain like I'm an expert: gravity
Write a haiku about spring|Write a haiku about autumn
Give me 5 names for a cat|Give me 5 names for a dog
Plan a trip to Rome for 3 days|Plan a trip to Rome for 4 days
Plan a trip to Rome with kids|Plan a trip to Rome without kids
Plan a trip from Rome|Plan a trip to Rome
Suggest a gift for my mother|Suggest a gift for my brother
Suggest a gift under $20|Suggest a gift over $20
Recommend a restaurant near the station|Recommend a restaurant far from the station
Can vegetarians eat this?|Can vegans eat this?
Is this gluten-free?|Is this dairy-free?
Is the dish spicy?|Is the dish mild?
How spicy is the dish?|How salty is the dish?
How many eggs per person?|How many eggs per cake?
Half a cup of sugar in grams?|A cup of sugar in grams?
What can I make with eggs and flour?|What can I make with eggs and milk?
Can I bake it at 180 C?|Can I bake it at 180 F?
Does it keep for two days in the fridge?|Does it keep for two days in the freezer?
Can I give my dog chocolate?|Can I give my dog carrots?
May I give aspirin to a child?|May I give a child paracetamol?
Should the wound be kept dry?|Should the wound be kept wet?
Does insurance pay if I'm at fault?|Does insurance pay if I'm not at fault?
Am I insured abroad?|Am I insured at home?
Who inherits if there is a will?|Who inherits if there is no will?
Can a tenant sublet the flat?|Can a tenant buy the flat?
Is a handshake deal binding?|Is a written deal binding?
When does the contract begin?|When does the contract run out?
Is the buyer or the seller liable?|Is the buyer liable?
Do I need both signatures?|Do I need one signature?
Is the interest deductible?|Is the interest taxable?
How is the bonus taxed?|How is the bonus calculated?
What is the tax on gifts from parents?|What is the tax on gifts to parents?
How do I move money from checking to savings?|How do I move money from savings to checking?
What is the overdraft limit?|What is the overdraft fee?
How long is maternity leave?|How long is paternity leave?
Who gets maternity leave?|Who gets sick leave?
Does unused leave expire?|Does used leave expire?
Can I carry over unused days?|Can I sell unused days?
What do new hires need?|What do managers need?
How do I add a new hire?|How do I remove a new hire?
How do I unlock the door with the app?|How do I lock the door with the app?
How do I set the heating to 20 degrees?|How do I set the heating to 22 degrees?
Is the upstairs light on a timer?|Is the downstairs light on a timer?
Why does the light flicker when the fan is on?|Why does the light flicker when the fan is off?
How do I add a device to a room?|How do I add a room to a device?
How do I remove a sensor from the hub?|How do I remove the hub from a sensor?
Is the item in stock in size M?|Is the item available in size L?
Can I return sale items?|Can I return gift items?
Can I exchange an item?|Can I return an item?
Is the refund sent to my card?|Is the refund sent to my bank account?
How do I change my email address?|How do I change my postal address?
How do I change my name?|How do I change my username?
Where do I enter the code?|Where do I find the code?
Why does ice float on water?|Why does oil float on water?
Why does ice float?|Why does iron sink?
What is the charge of an electron?|What is the mass of an electron?
What is the half-life of carbon-14?|What is the half-life of carbon-12?
How far is the Sun from Mars?|How far is the Sun from Venus?
How many legs does a spider have?|How many eyes does a spider have?
What do bees make?|What do wasps make?
What is the past tense of go?|What is the present tense of go?
What is the singular of geese?|What is the plural of goose?
Who is the protagonist of Hamlet?|Who is the antagonist of Hamlet?
Was the treaty signed before the war?|Was the treaty signed during the war?
Who won the battle?|Who fought the battle?
Which king built the palace?|Which king destroyed the palace?
Which countries joined the EU in 2004?|Which countries left the EU in 2020?
What is the sine of 30 degrees?|What is the cosine of 30 degrees?
Is 17 prime?|Is 17 even?
Round 2.345 to two places|Round 2.345 to one place
How do I find the area of a triangle?|How do I find the perimeter of a triangle?
Simplify 3/4|Simplify 4/3`);

/** The same question in other words. */
export const PARAPHRASES = toPairs(`What is the boiling point of ethanol?|At what temperature does ethanol boil?
How do I undo my last git commit?|What's the way to undo the last commit in git?
What are the symptoms of the flu?|Which symptoms does the flu have?
Please tell me how photosynthesis works|How does photosynthesis work?
Who painted the Mona Lisa?|Which artist painted the Mona Lisa?
What does the warranty on the X200 cover?|What is covered by the X200 warranty?
Is parking free at the museum?|Does the museum have free parking?
How do I install Docker on Ubuntu?|What are the steps to install Docker on Ubuntu?
How long is the visa for Japan valid?|What is the validity of a visa for Japan?
Which documents are required for a passport application?|What documents do I need for a passport application?
What is the fine for speeding in Norway?|How much is the speeding fine in Norway?
Is the pool open on Sundays?|Is the pool open on Sunday?
Explain recursion with an example|Can you explain recursion using an example?
What's the price of the annual plan?|How much does the annual plan cost?
How do I freeze fresh basil?|What is the best way to freeze fresh basil?
Why does my bread not rise?|Why won't my bread rise?
When is the deadline for the tax return?|What is the deadline for tax returns?
How many players are in a rugby team?|What's the number of players on a rugby team?
List the ingredients of a margarita|What are the ingredients in a margarita?
What's the side effects of aspirin?|What side effects does aspirin have?
Can I return an opened item?|Is it possible to return an item that has been opened?
Was Fitbit acquired by Google?|Did Google acquire Fitbit?
Is it legal to record phone calls in Ohio?|Is recording phone calls legal in Ohio?
What are the opening hours of the library?|When is the library open?
How do I reset my router?|How can I reset the router?
What is the 2 GB plan's price?|What's the price of the 2GB plan?
Is there a discount for students?|Do students get a discount?
Welche Städte liegen am Rhein?|Welche Städte liegen am Rhein?`);

function toPairs(text: string): (readonly [string, string])[] {
  return text.split("\n").map((line) => {
    const [a = "", b = ""] = line.split("|");
    return [a, b];
  });
}
