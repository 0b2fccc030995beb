/* Made up for the evaluation: the same question in other words. Of each field every second line is for development, the others are held out. */

export const PARAPHRASES = `
devops: How do I restart a pod in Kubernetes? | What's the way to restart a Kubernetes pod?
devops: What does a liveness probe do? | What is the purpose of a liveness probe?
devops: How can I see the logs of a container? | How do I view container logs?
devops: Why does my build take so long? | What makes my build so slow?
devops: How do I roll back a deployment? | What are the steps to roll back a deployment?
devops: What is the default port of PostgreSQL? | Which port does PostgreSQL use by default?
devops: How much memory does the worker need? | What are the memory requirements of the worker?
devops: How do I rotate the TLS certificate? | Please explain how to rotate the TLS certificate
devops: What is blue-green deployment? | Explain blue-green deployment
devops: How do I list all running containers? | How can I show every running container?
devops: Which region is the cheapest? | What's the cheapest region?
devops: Where are the backups stored? | In which place are backups kept?
devops: How often are snapshots taken? | What is the frequency of snapshots?
devops: Can I run two versions side by side? | Is it possible to run two versions side by side?
devops: What is the difference between a job and a cron job? | How does a job differ from a cron job?
devops: How do I set an environment variable in Docker? | How to set environment variables in Docker
devops: Who owns the billing service? | Who is the owner of the billing service?
devops: When does the certificate expire? | What's the expiry date of the certificate?
cooking: How long should I boil an egg? | How many minutes do I boil an egg?
cooking: What can I use instead of butter? | What is a substitute for butter?
cooking: At what temperature do I roast a turkey? | What temperature should a turkey be roasted at?
cooking: How do I keep bread fresh? | What is the best way to keep bread fresh?
cooking: How much water do I need for rice? | What amount of water does rice need?
cooking: Why is my cake dry? | What's the reason my cake is dry?
cooking: What are the ingredients of pesto? | What is pesto made of?
cooking: Can I freeze soup? | Is it OK to freeze soup?
cooking: How do you make a roux? | How is a roux made?
cooking: How can I tell if fish is fresh? | How do I know whether fish is fresh?
cooking: What does blanching mean? | What is blanching?
cooking: How many calories does an avocado have? | What's the number of calories in an avocado?
cooking: Give me a recipe for lentil soup | I'd like a lentil soup recipe
cooking: Which wine goes with salmon? | What wine should I serve with salmon?
cooking: Why do onions make you cry? | Why do we cry when cutting onions?
cooking: How do I peel garlic quickly? | What's a quick way to peel garlic?
law: What is the statute of limitations for fraud? | How long is the limitation period for fraud?
law: Can my landlord raise the rent? | Is my landlord allowed to raise the rent?
law: What is a power of attorney? | What does power of attorney mean?
law: Do I need a lawyer for a will? | Is a lawyer needed for a will?
law: What happens if I break the lease? | What are the consequences of breaking the lease?
law: How do I appeal a parking fine? | What is the process for appealing a parking fine?
law: Is a verbal agreement binding? | Are verbal agreements binding?
law: Who pays the court fees? | By whom are the court fees paid?
law: What are the grounds for divorce? | On what grounds can you get divorced?
law: How do I register a trademark? | Tell me how to register a trademark
law: Is it legal to film the police? | Is filming the police legal?
law: When is a contract void? | In which cases is a contract void?
law: What rights does a tenant have? | What are the rights of a tenant?
law: How old must I be to buy fireworks? | What is the minimum age for buying fireworks?
travel: Do I need a visa for Vietnam? | Is a visa required for Vietnam?
travel: How far is the airport from the city centre? | What is the distance from the airport to the city centre?
travel: When is the best time to visit Iceland? | What's the best season to visit Iceland?
travel: Which vaccinations do I need for Peru? | What vaccinations are needed for Peru?
travel: How much luggage can I take? | What is the luggage allowance?
travel: What currency is used in Sweden? | What is the currency of Sweden?
travel: Is the hotel close to the beach? | Is the hotel near the beach?
travel: What time is breakfast served? | When is breakfast served?
travel: How do I get from the station to the museum? | What's the way from the station to the museum?
travel: Are dogs allowed on the train? | Can I take dogs on the train?
travel: How long is the flight to Tokyo? | What is the flight time to Tokyo?
travel: Where can I rent a bicycle in Ghent? | Where do I rent a bike in Ghent?
travel: What is the cheapest way to get to Malta? | What's the cheapest way to reach Malta?
travel: Does the ticket include a seat? | Is a seat included in the ticket?
medicine: What are the symptoms of measles? | Which symptoms does measles cause?
medicine: What are the side effects of penicillin? | Which side effects can penicillin have?
medicine: How is asthma treated? | What is the treatment for asthma?
medicine: How do I lower my cholesterol? | How can I reduce my cholesterol?
medicine: What causes migraines? | Why do people get migraines?
medicine: Is the flu contagious? | Is flu contagious?
medicine: How long does a cold last? | What is the duration of a cold?
medicine: What is the normal resting heart rate? | What resting heart rate is normal?
medicine: Can I drink coffee before a blood test? | Am I allowed to drink coffee before a blood test?
medicine: How much sleep does an adult need? | How many hours of sleep does an adult need?
medicine: What does a cardiologist do? | What is the job of a cardiologist?
medicine: How do vaccines work? | Explain how vaccines work
medicine: When should I see a doctor about a cough? | When do I need to see a doctor about a cough?
medicine: What foods are rich in iron? | Which foods contain a lot of iron?
medicine: Is ibuprofen safe during pregnancy? | Can I take ibuprofen during pregnancy?
medicine: How do I stop a nosebleed? | What should I do to stop a nosebleed?
code: How do I reverse a string in Java? | What's the way to reverse a Java string?
code: What does the yield keyword do in Python? | What is the yield keyword in Python for?
code: How do I remove duplicates from a list? | How can I delete duplicates from a list?
code: What is a closure? | Explain closures
code: How do I check if a file exists in Bash? | How can I find out whether a file exists in Bash?
code: What is the time complexity of quicksort? | Time complexity of quicksort?
code: How do I parse JSON in Go? | How is JSON parsed in Go?
code: Why is this loop slow? | What makes this loop slow?
code: How do I read a file line by line in Rust? | In Rust, how do I read a file line by line?
code: What is the difference between let and const? | Difference between let and const
code: Convert this function to async | Make this function async
code: Write a regex that matches email addresses | I need a regex to match email addresses
code: How do I center a div in CSS? | How to centre a div with CSS?
code: What is dependency injection? | Can you explain dependency injection?
code: How do I catch exceptions in Kotlin? | How are exceptions caught in Kotlin?
code: Does Swift support generics? | Are generics supported in Swift?
code: How many bits are in a byte? | What's the number of bits in a byte?
code: How do I generate a UUID in Node? | How can I create a UUID in Node?
finance: What is compound interest? | Can you tell me what compound interest is?
finance: How do I open a savings account? | What do I need to do to open a savings account?
finance: What is the annual fee of the gold card? | How much does the gold card cost per year?
finance: How is capital gains tax calculated? | How do you calculate capital gains tax?
finance: What documents do I need for a mortgage? | Which documents are needed for a mortgage?
finance: What is the maximum I can withdraw per day? | What is the daily withdrawal limit?
finance: How long does a SEPA transfer take? | When will a SEPA transfer arrive?
finance: Are dividends taxable? | Do I pay tax on dividends?
finance: What's the deadline for filing taxes? | When must taxes be filed by?
finance: How do I dispute a card charge? | What's the procedure to dispute a card charge?
finance: Is my deposit insured? | Are my deposits insured?
finance: What is the minimum payment on the card? | How much do I have to pay on the card at least?
finance: Who can open a joint account? | Which people can open a joint account?
finance: How do I improve my credit score? | How can I raise my credit score?
hr: How many vacation days do I get? | How much vacation do I get?
hr: How do I request parental leave? | What is the process to request parental leave?
hr: When is payday? | On which day is payday?
hr: Who approves my expenses? | Who is responsible for approving my expenses?
hr: What is the notice period for managers? | How long is the notice period for managers?
hr: Can I work from abroad? | Am I allowed to work from abroad?
hr: Where do I find my payslip? | Where can I see my payslip?
hr: What is the dress code? | Which dress code applies?
hr: Do interns get paid? | Are interns paid?
hr: How do I report a sick day? | How should I report a sick day?
hr: What does the onboarding include? | What is included in the onboarding?
hr: Is overtime compensated? | Do we get compensated for overtime?
hr: How do I refer a friend? | What steps do I follow to refer a friend?
hr: Summarize the travel policy | Give me a summary of the travel policy
home: How do I pair the bulb with the hub? | What are the steps for pairing the bulb with the hub?
home: Why does the doorbell keep disconnecting? | What is the reason the doorbell keeps disconnecting?
home: Does the lock work with Zigbee? | Is the lock compatible with Zigbee?
home: How much power does the heater use? | What is the power consumption of the heater?
home: How do I reset the thermostat? | How can I reset the thermostat?
home: What is the range of the motion sensor? | How far does the motion sensor reach?
home: Where should I mount the smoke detector? | What is the right place for the smoke detector?
home: Which bulbs fit the lamp? | What bulbs fit in the lamp?
home: How long does the battery of the sensor last? | What is the battery life of the sensor?
home: Can the blinds be controlled by voice? | Is it possible to control the blinds by voice?
home: What does the blinking red light mean? | What is the meaning of the blinking red light?
home: How do I change the batteries of the remote? | How do I replace the remote's batteries?
home: Is the camera waterproof? | Is the camera water-resistant?
home: How loud is the dishwasher? | What is the noise level of the dishwasher?
shop: Where is my order? | Where's my order?
shop: How do I return a damaged item? | What should I do to return a damaged item?
shop: Do you ship to Norway? | Is shipping to Norway available?
shop: How long do I have to return an item? | What is the return window?
shop: What payment methods do you accept? | Which payment methods are accepted?
shop: How much does express shipping cost? | What is the price of express shipping?
shop: Can I change the delivery address? | Is it possible to change the delivery address?
shop: Is there a student discount? | Do you offer a discount for students?
shop: How do I use a voucher? | How can I redeem a voucher?
shop: When will the jacket be back in stock? | When is the jacket available again?
shop: What size should I buy? | Which size do I need?
shop: How do I track a parcel? | How can I track my package?
shop: Do I have to pay customs duties? | Are customs duties due?
shop: Can I pay by invoice? | Is payment by invoice possible?
science: What is the speed of light? | How fast is light?
science: Why is the sky blue? | What makes the sky blue?
science: How many moons does Jupiter have? | What is the number of Jupiter's moons?
science: What is the chemical symbol of gold? | What's gold's chemical symbol?
science: How tall is Mount Kenya? | What is the height of Mount Kenya?
science: Who discovered oxygen? | Who was the discoverer of oxygen?
science: What is the boiling point of nitrogen? | At what temperature does nitrogen boil?
science: How do volcanoes form? | How are volcanoes formed?
science: What does DNA stand for? | What is the full form of DNA?
science: How old is the universe? | What is the age of the universe?
science: What is photosynthesis? | Describe photosynthesis
science: How deep is the Mariana Trench? | What's the depth of the Mariana Trench?
science: Which planet has the most moons? | What planet has the largest number of moons?
science: What is the population of Ghana? | How many people live in Ghana?
science: How far away is Proxima Centauri? | What is the distance to Proxima Centauri?
science: What is the largest desert in the world? | Which desert is the biggest in the world?
school: How do I solve a quadratic equation? | What is the method for solving a quadratic equation?
school: When did the French Revolution begin? | In which year did the French Revolution start?
school: Who wrote Faust? | Who is the author of Faust?
school: What is the capital of Mongolia? | Which city is the capital of Mongolia?
school: What is the plural of mouse? | How do you form the plural of mouse?
school: Where was Beethoven born? | What is Beethoven's birthplace?
school: When was Newton born? | What is Newton's date of birth?
school: What is the main idea of the poem? | What's the poem's main idea?
school: How many continents are there? | What is the number of continents?
school: Why did the Roman Empire fall? | What caused the fall of the Roman Empire?
school: What is a metaphor? | Explain what a metaphor is
school: Translate "good luck" into Dutch | How do you say "good luck" in Dutch?
school: What is the area of a circle with radius 3? | Calculate the area of a circle of radius 3
school: List the causes of the Great Depression | What were the causes of the Great Depression?
school: Which language is spoken in Chile? | What language do people speak in Chile?
school: How long did the Thirty Years' War last? | What was the duration of the Thirty Years' War?
school: Correct the grammar of this text | Fix the grammar in this text
school: Explain the water cycle in simple words | Explain the water cycle simply
support: I forgot my passcode, how can I reset it? | How do I reset my passcode?
support: The app keeps crashing, what can I do? | What should I do if the app keeps crashing?
support: How do I turn on notifications? | How do I enable notifications?
support: How do I delete my account? | How can I remove my account?
support: How do I change the language of the app? | How can I set the app's language?
support: Does the free plan include exports? | Are exports included in the free plan?
support: How do I contact support? | How can I get in touch with support?
support: Why was I charged twice? | What is the reason I was charged twice?
support: How many users can I invite on the team plan? | What is the user limit of the team plan?
support: What's new in version 4.2? | What changed in version 4.2?
support: Where do I download the desktop app? | Where can I get the desktop app?
support: How do I export my contacts? | Is there a way to export my contacts?
support: My printer does not print, what should I do? | What can I do when my printer won't print?
support: What are the system requirements? | Which system requirements are there?
support: Can several people use one licence? | Is it possible for several people to use one license?
support: How do I upgrade to the pro plan? | I want to upgrade to the pro plan, how do I do that?
language: Wie ändere ich mein Passwort? | Wie kann ich mein Passwort ändern?
language: Was kostet der Versand nach Österreich? | Wie viel kostet der Versand nach Österreich?
language: Wo finde ich meine Rechnung? | Bitte sagen Sie mir, wo ich meine Rechnung finde
language: Wann öffnet das Museum? | Um wie viel Uhr öffnet das Museum?
language: Comment réinitialiser mon mot de passe ? | Comment puis-je réinitialiser mon mot de passe ?
language: Quel est le prix du billet ? | Combien coûte le billet ?
language: Où se trouve la gare ? | Où est la gare ?
language: Quelle est la capitale du Maroc ? | Quelle ville est la capitale du Maroc ?
language: ¿Cómo cambio mi contraseña? | ¿Cómo puedo cambiar mi contraseña?
language: ¿Cuánto cuesta el envío? | ¿Cuál es el precio del envío?
language: ¿A qué hora abre la farmacia? | ¿Cuándo abre la farmacia?
language: ¿Cuál es la capital de Bolivia? | Cuál es la capital de Bolivia, por favor
language: Hoe wijzig ik mijn wachtwoord? | Hoe kan ik mijn wachtwoord wijzigen?
language: Wat kost de verzending? | Hoeveel kost de verzending?
language: 怎么重置密码? | 如何重置密码?
language: 法国的首都是哪里? | 请问法国的首都是哪里?
`;
