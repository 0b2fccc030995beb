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
What is the monthly limit on the joint account?|What's the joint account limit per week?`);

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
