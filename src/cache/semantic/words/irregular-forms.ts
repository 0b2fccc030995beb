/** Irregular form to the plain one. */
export const IRREGULAR_FORMS: ReadonlyMap<string, string> = new Map(
  `children:child men:man women:woman feet:foot teeth:tooth mice:mouse geese:goose wives:wife knives:knife lives:live leaves:leave
shelves:shelf halves:half indices:index indexes:index matrices:matrix vertices:vertex criteria:criterion analyses:analysis
went:go gone:go goes:go going:go did:do done:do does:do doing:do had:have having:have was:be were:be been:be being:be
wrote:write written:write writing:write bought:buy paid:pay sent:send spent:spend lent:lend built:build made:make making:make
took:take taken:take taking:take gave:give given:give giving:give got:get gotten:get getting:get leaving:leave
found:find said:say told:tell thought:think brought:bring caught:catch taught:teach sold:sell held:hold kept:keep slept:sleep
felt:feel meant:mean met:meet led:lead fed:feed ran:run running:run began:begin begun:begin beginning:begin drank:drink drunk:drink
drove:drive driven:drive driving:drive rode:ride ridden:ride  risen:rise rising:rise wore:wear worn:wear tore:tear torn:tear
broke:break broken:break spoke:speak spoken:speak chose:choose chosen:choose choosing:choose froze:freeze frozen:freeze freezing:freeze
stole:steal stolen:steal forgot:forget forgotten:forget ate:eat eaten:eat fell:fall fallen:fall flew:fly flown:fly grew:grow grown:grow
knew:know known:know threw:throw thrown:throw drew:draw drawn:draw  seen:see won:win winning:win lost:lose losing:lose
shot:shoot sat:sit stood:stand understood:understand came:come coming:come became:become became:become swam:swim sang:sing
used:use uses:use using:use died:die dying:die lying:lie tied:tie tying:tie heard:hear dealt:deal bent:bend hid:hide hidden:hide
hung:hang hanging:hang bringing:bring singing:sing ringing:ring stung:sting struck:strike swung:swing shook:shake shaken:shake
taxes:tax buses:bus gases:gas addresses:address processes:process processing:process businesses:business focused:focus focusing:focus
canceled:cancel cancelled:cancel canceling:cancel cancelling:cancel traveled:travel travelled:travel traveling:travel travelling:travel
colour:color colours:color favourite:favorite centre:center licence:license cheque:check cheques:check programme:program
organise:organize organisation:organization analyse:analyze behaviour:behavior catalogue:catalog grey:gray metre:meter litre:liter
installed:install installing:install called:call calling:call billed:bill billing:bill selling:sell telling:tell filling:fill filled:fill
filing:file filed:file added:add adding:add passed:pass passing:pass missed:miss missing:miss embedded:embed embedding:embed`
    .split(/\s+/)
    .map((pair) => pair.split(":") as [string, string]),
);
