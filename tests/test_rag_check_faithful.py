"""Faithful paraphrases in the manner of instruct models: most of them must pass the check.

Every quote is invented, every paraphrase worded as models do it, whether the check can follow or not.
"""

# ruff: noqa: E501 - one case a line is easier to compare

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.check import check

PORT = (
    "The port authority of Velmora said on Tuesday that it would spend 340 million euros on a new container terminal, "
    "which is due to open in 2029."
)
TRIAL = (
    "The trial, which enrolled 412 patients at nine hospitals, found that the drug lowered the risk of stroke by "
    "18 percent compared with placebo."
)
COURT = "The Court of Appeal dismissed the company's appeal on 14 March 2023 and ordered it to pay the costs."
LEASE = "The tenant shall not sublet the premises without the prior written consent of the landlord."
RIVER = (
    "The Orsa rises in the Calder Hills and flows 214 kilometres north before it joins the Tamber near the town of "
    "Ludwick."
)
MAYOR = (
    "Mayor Helen Okafor accepted the union's demand for a pay rise after three weeks of strikes, but rejected its call "
    "for a shorter week."
)
ENGINE = "The new engine uses 12% less fuel than its predecessor, the manufacturer claims."
SURVEY = "Only a third of the teachers surveyed said that they were satisfied with their pay, down from 41% in 2018."
MERGER = (
    "Northgate agreed to buy its rival Selwyn Foods for $1.2 billion in cash, the two companies announced on 9 May."
)
TREATY = (
    "Under the treaty, signed in Ostrel in 1987, Harland recognised the border and Belmark withdrew its troops from "
    "the valley."
)
BUDGET = "Finance minister Jonas Lindqvist told President Marta Calle that the budget might be delayed until September."
BLACKOUT = (
    "The blackout began at 03:40, when a transformer at the Kessel substation caught fire, and left some 60,000 homes "
    "without electricity for two days."
)
SERVER = "The server must be restarted after the update; otherwise the new settings will not take effect."
DOSE = "Adults should take no more than 4 g of the medicine a day; children under 12 must not be given it."
RATE = (
    "The central bank raised its main interest rate by 0.25 percentage points to 4.5% and warned that further "
    "increases could follow."
)
HERON = (
    "The grey-backed heron, first described by Amelia Thornton in 1841, breeds in reed beds and feeds mainly on "
    "small fish."
)
REFORM = "Economist Daniel Brandt believes the reform will cost the state 2.5 billion dollars a year."
JOBS = (
    "Tirex plans to cut 1,500 jobs in Hungary by the end of next year, according to an internal memo seen by the "
    "newspaper."
)
FLOOD = (
    "At least 23 people died and more than 4,000 were evacuated when the Mirna burst its banks on the night of "
    "6 October."
)
VOTE = "Parliament approved the pension bill by 187 votes to 142, with nine abstentions."
FERRY = (
    "The ferry Aurora, carrying 88 passengers and 12 crew, ran aground off Cape Lorne shortly before dawn on Saturday."
)
EMBARGO = "The U.S. imposed an embargo on Karsia in June 2014 in response to the seizure of two tankers."
ENVOY = "Envoy Paul Reiter is not ready to return to Sarn until the ceasefire holds, his spokeswoman said on Friday."
REPORT = (
    "The auditors' report did not find any evidence of fraud, but it criticised the board for its lack of oversight."
)
MUSEUM = (
    "The museum, founded by the collector Edith Varga in 1922, houses twelve paintings that were stolen during the war."
)
SALES = (
    "Sales of electric cars in Norland rose from 8,100 in 2020 to 19,400 in 2022, while sales of diesel cars halved."
)
BRIDGE = "The bridge was designed by Ilse Kromer and built between 1931 and 1935 by the Dunmore Iron Company."
API = "If the token has expired, the client receives error 401 and has to request a new token before it tries again."

USINE = (
    "Le groupe Valtier a annoncé jeudi la fermeture de son usine de Brévannes, qui emploie 320 salariés, d'ici à la "
    "fin de l'année 2026."
)
PERMIS = (
    "Le tribunal administratif de Lirac a annulé le 12 février le permis de construire accordé par la mairie à la "
    "société Damont."
)
EAU = "Selon l'étude, 38 % des agriculteurs interrogés ont réduit leur consommation d'eau depuis 2019."
BAIL = "Le locataire ne peut pas sous-louer le logement sans l'accord écrit du bailleur."
BARRAGE = (
    "Le barrage de Corvenne, construit entre 1954 et 1961, fournit de l'électricité à environ 45 000 foyers de la "
    "région."
)
SANTE = (
    "La ministre de la Santé, Claire Aumont, a refusé la proposition du syndicat des infirmiers, mais elle a promis de "
    "le recevoir lundi."
)
FEU = "L'incendie, qui s'est déclaré dimanche vers 22 heures, a détruit 150 hectares de forêt sans faire de victime."
RACHAT = (
    "La banque Morel pourrait racheter son concurrent Savary pour 2,4 milliards d'euros, affirme le quotidien L'Écho."
)
METRO = "La ligne 17 du métro sera prolongée de six kilomètres et comptera quatre nouvelles stations à partir de 2028."
VACCIN = "Les enfants de moins de 5 ans ne doivent pas recevoir le vaccin, sauf avis contraire du médecin."
CHOMAGE = "Le taux de chômage est passé de 7,4 % en mars à 7,1 % en juin, a indiqué l'institut de statistique."
FOUILLES = (
    "Les fouilles menées par Anne Delorme près de Sorvan ont mis au jour une nécropole du IIIe siècle et une centaine "
    "de pièces d'argent."
)
INQUIRY = "The European Commission opened an investigation into the chip maker Lantec on Wednesday over suspected abuse of its dominant position."
TRAVEL = "Prime Minister Olga Brandis will travel to Karsia next week to sign a gas agreement, her office said."
RULING = "The court ruled that the sanctions against the shipping company Orvas were unlawful because they had been adopted without a hearing."
ECONOMY = "Norland's economy shrank by 1.4% in the first quarter, its worst result since 2009."
ARBITRATION = "Any dispute arising out of this agreement shall be settled by arbitration in Geneva."
FUNCTION = "The function returns an empty list if the file does not exist."
BATTLE = "The battle of Merrin, fought on 3 June 1644, ended in a decisive defeat for the royal army."
WITHDRAWAL = "President Calle demanded the withdrawal of all foreign troops from the northern provinces before any talks could begin."
HOSTAGES = "The rebels released 45 hostages on Sunday after mediation by Qatar, the Red Cross said."
BATTERY = "Researchers at the University of Halden have developed a battery that can be charged in six minutes."
RETRAIT = "Le président Calle exige le retrait de toutes les troupes étrangères avant l'ouverture des négociations."
ENQUETE = "La Commission européenne a ouvert mercredi une enquête sur le fabricant de puces Lantec."
CHIFFRE = "Le chiffre d'affaires du groupe a reculé de 3,2 % en 2023, à 1,8 milliard d'euros."
PRISONNIERS = "Les deux pays ont signé un accord sur l'échange de 200 prisonniers, a déclaré le ministre des Affaires étrangères, Paul Verdan."
BID = "Russia wants Ukraine to give up its bid to join NATO and to recognise the annexation of Crimea."
CEASEFIRE = "The ceasefire, which took effect at midnight, was broken within hours, according to local officials."
GLACIER = (
    "The Vessen glacier has lost 40 metres of ice since 1990, and scientists warn that it could disappear by 2060."
)
STRIKE = "Train drivers at Corrail will strike for 48 hours from Friday after the company refused to raise wages by 6%."
PATENT = "The patent, filed by Holm Instruments in 2016, covers a method for cooling batteries with liquid nitrogen."
SUMMIT = "At the summit in Dorn, Norland promised Karsia 300 tanks, but Belmark declined to send any weapons."
FINE = "The regulator fined Telvo 85 million euros for selling customers' data without their consent."
BACKUP = "Administrators can restore a backup only if the database is stopped first."
POET = "The poet Ida Lorenz, born in Tarn in 1871, moved to Sarn at the age of nineteen and published her first book there."
LOYER = "Le loyer est payable d'avance le premier jour de chaque mois et ne peut être augmenté qu'une fois par an."
GREVE = (
    "Les conducteurs de Corrail feront grève vendredi, après le refus de la direction d'augmenter les salaires de 6 %."
)
AMENDE = (
    "Le régulateur a infligé une amende de 85 millions d'euros à Telvo pour avoir vendu les données de ses clients."
)

Case = tuple[str, str | Sequence[str], str]

CASES: list[Case] = [
    # News: money, dates, sayings.
    ("The port authority of Velmora said it would spend €340 million on a new container terminal.", PORT, "en"),
    ("According to the port authority of Velmora, it would spend 340 million euros on a new terminal for containers.", PORT, "en"),
    ("On Tuesday, the Velmora port authority stated that it would invest 340 million euros in a new container terminal.", PORT, "en"),
    ("The port authority of Velmora announced that the new container terminal is scheduled to open in 2029.", PORT, "en"),
    ("The trial found that the drug reduced the risk of stroke by 18% compared with placebo.", TRIAL, "en"),
    ("The trial enrolled 412 patients at 9 hospitals.", TRIAL, "en"),
    ("A total of 412 patients at nine hospitals were enrolled in the trial.", TRIAL, "en"),
    ("Compared with placebo, the drug lowered stroke risk by 18%, the trial found.", TRIAL, "en"),
    ("The company's appeal was dismissed by the Court of Appeal on March 14, 2023.", COURT, "en"),
    ("On 14 March 2023, the Court of Appeal rejected the appeal of the company and ordered it to pay the costs.", COURT, "en"),
    ("The Court of Appeal ordered the company to pay the costs.", COURT, "en"),
    ("Tenants may not sublet the premises without the landlord's prior written consent.", LEASE, "en"),
    ("Without the prior written consent of the landlord, the tenant shall not sublet the premises.", LEASE, "en"),
    ("Subletting the premises is not allowed without the landlord's prior written consent.", LEASE, "en"),
    ("The Orsa originates in the Calder Hills and joins the Tamber near Ludwick.", RIVER, "en"),
    ("The Orsa flows 214 km north before joining the Tamber near the town of Ludwick.", RIVER, "en"),
    ("After three weeks of strikes, Mayor Helen Okafor accepted the union's demand for a pay rise.", MAYOR, "en"),
    ("Okafor rejected the union's call for a shorter week.", MAYOR, "en"),
    ("The union's demand for a pay rise was accepted by Mayor Helen Okafor, but its call for a shorter week was rejected.", MAYOR, "en"),
    ("According to the manufacturer, the new engine consumes 12 percent less fuel than its predecessor.", ENGINE, "en"),
    ("The manufacturer says the new engine uses 12% less fuel than the one before it.", ENGINE, "en"),
    ("Only one third of the surveyed teachers said they were satisfied with their pay.", SURVEY, "en"),
    ("Northgate agreed to acquire its rival Selwyn Foods for $1.2 billion in cash.", MERGER, "en"),
    ("On May 9, the two companies announced that Northgate had agreed to buy Selwyn Foods for 1.2 billion dollars.", MERGER, "en"),
    ("The companies announced on the 9th of May that Northgate agreed to purchase Selwyn Foods.", MERGER, "en"),
    ("Harland recognized the border under the treaty signed in Ostrel in 1987.", TREATY, "en"),
    ("Under the 1987 treaty, Belmark withdrew its troops from the valley.", TREATY, "en"),
    ("The treaty was signed in Ostrel in 1987.", TREATY, "en"),
    ("Jonas Lindqvist informed President Marta Calle that the budget might be postponed until September.", BUDGET, "en"),
    ("President Marta Calle was told by finance minister Jonas Lindqvist that the budget might be delayed until September.", BUDGET, "en"),
    ("The blackout started at 03:40 when a transformer caught fire at the Kessel substation.", BLACKOUT, "en"),
    ("About 60,000 homes were left without electricity for two days.", BLACKOUT, "en"),
    ("The blackout left some 60,000 homes without power for 2 days.", BLACKOUT, "en"),
    ("After the update, the server must be restarted.", SERVER, "en"),
    ("You must restart the server after the update, otherwise the new settings won't take effect.", SERVER, "en"),
    ("Adults should not take more than 4 g of the medicine per day.", DOSE, "en"),
    ("Children under 12 must not be given the medicine.", DOSE, "en"),
    ("The central bank increased its main interest rate by 0.25 percentage points to 4.5%.", RATE, "en"),
    ("The central bank's main interest rate was raised to 4.5%.", RATE, "en"),
    ("The central bank warned that further increases could follow.", RATE, "en"),
    ("The grey-backed heron was first described by Amelia Thornton in 1841.", HERON, "en"),
    ("In 1841, Amelia Thornton first described the grey-backed heron.", HERON, "en"),
    ("The grey-backed heron breeds in reed beds and eats mainly small fish.", HERON, "en"),
    ("Economist Daniel Brandt thinks that the reform will cost the state $2.5 billion per year.", REFORM, "en"),
    ("In the view of Daniel Brandt, an economist, the reform will cost the state 2.5 billion dollars annually.", REFORM, "en"),
    ("According to an internal memo, Tirex intends to cut 1,500 jobs in Hungary by the end of next year.", JOBS, "en"),
    ("An internal memo says Tirex plans to eliminate 1,500 jobs in Hungary.", JOBS, "en"),
    ("At least 23 people were killed when the Mirna burst its banks on the night of October 6.", FLOOD, "en"),
    ("More than 4,000 people were evacuated when the Mirna burst its banks.", FLOOD, "en"),
    ("The pension bill was approved by Parliament by 187 votes to 142, with 9 abstentions.", VOTE, "en"),
    ("Parliament passed the pension bill with 187 votes to 142.", VOTE, "en"),
    ("The Aurora, a ferry carrying 88 passengers and 12 crew, ran aground off Cape Lorne on Saturday.", FERRY, "en"),
    ("On Saturday, shortly before dawn, the ferry Aurora ran aground off Cape Lorne with 88 passengers and 12 crew on board.", FERRY, "en"),
    ("In June 2014, the US imposed an embargo on Karsia in response to the seizure of two tankers.", EMBARGO, "en"),
    ("The embargo on Karsia was imposed by the United States in June 2014.", EMBARGO, "en"),
    ("Envoy Paul Reiter isn't ready to return to Sarn until the ceasefire holds, according to his spokeswoman.", ENVOY, "en"),
    ("His spokeswoman said Friday that Paul Reiter is not ready to return to Sarn until the ceasefire holds.", ENVOY, "en"),
    ("The auditors' report found no evidence of fraud.", REPORT, "en"),
    ("The report criticized the board's lack of oversight.", REPORT, "en"),
    ("The museum was founded in 1922 by the collector Edith Varga.", MUSEUM, "en"),
    ("The museum houses 12 paintings stolen during the war.", MUSEUM, "en"),
    ("Electric car sales in Norland increased from 8,100 in 2020 to 19,400 in 2022.", SALES, "en"),
    ("While electric car sales in Norland rose, sales of diesel cars halved.", SALES, "en"),
    ("Ilse Kromer designed the bridge, which was built between 1931 and 1935 by the Dunmore Iron Company.", BRIDGE, "en"),
    ("The Dunmore Iron Company constructed the bridge between 1931 and 1935.", BRIDGE, "en"),
    ("If the token has expired, the client gets error 401 and must request a new token before trying again.", API, "en"),
    ("The client has to request a new token if the token has expired.", API, "en"),
    # Two quotes carry one sentence.
    ("Parliament approved the pension bill by 187 votes to 142, and Daniel Brandt believes the reform will cost the state 2.5 billion dollars a year.", (VOTE, REFORM), "en"),
    ("The bridge was designed by Ilse Kromer, while the museum was founded by Edith Varga in 1922.", (BRIDGE, MUSEUM), "en"),
    ("The central bank raised its main interest rate to 4.5%, and Jonas Lindqvist told Marta Calle that the budget might be delayed.", (BUDGET, RATE), "en"),
    ("The tenant shall not sublet the premises; the server must be restarted after the update.", (LEASE.replace(" without the prior written consent of the landlord", ""), SERVER), "en"),
    ("Tirex plans to cut 1,500 jobs in Hungary, according to an internal memo, whereas Northgate agreed to buy Selwyn Foods.", (JOBS, MERGER), "en"),
    # French.
    ("Jeudi, le groupe Valtier a annoncé qu'il fermerait son usine de Brévannes d'ici la fin de 2026.", USINE, "fr"),
    ("L'usine de Brévannes emploie 320 salariés.", USINE, "fr"),
    ("La fermeture de l'usine de Brévannes a été annoncée jeudi par le groupe Valtier.", USINE, "fr"),
    ("Le 12 février, le tribunal administratif de Lirac a annulé le permis de construire de la société Damont.", PERMIS, "fr"),
    ("Le permis de construire accordé à la société Damont a été annulé par le tribunal administratif de Lirac.", PERMIS, "fr"),
    ("Depuis 2019, 38% des agriculteurs interrogés ont diminué leur consommation d’eau, selon l’étude.", EAU, "fr"),
    ("D'après l'étude, 38 % des agriculteurs interrogés ont réduit leur consommation d'eau.", EAU, "fr"),
    ("Sans l'accord écrit du bailleur, le locataire ne peut pas sous-louer le logement.", BAIL, "fr"),
    ("Le locataire n'a pas le droit de sous-louer le logement sans l'accord écrit du propriétaire.", BAIL, "fr"),
    ("Construit entre 1954 et 1961, le barrage de Corvenne alimente en électricité environ 45 000 foyers.", BARRAGE, "fr"),
    ("Le barrage de Corvenne a été construit entre 1954 et 1961.", BARRAGE, "fr"),
    ("La proposition du syndicat des infirmiers a été refusée par la ministre de la Santé, Claire Aumont.", SANTE, "fr"),
    ("Claire Aumont a rejeté la proposition du syndicat des infirmiers.", SANTE, "fr"),
    ("La ministre de la Santé a promis de recevoir le syndicat lundi.", SANTE, "fr"),
    ("L'incendie a détruit 150 hectares de forêt sans faire de victime.", FEU, "fr"),
    ("150 hectares de forêt ont été détruits par l'incendie, qui s'est déclaré dimanche vers 22 heures.", FEU, "fr"),
    ("Selon le quotidien L'Écho, la banque Morel pourrait acheter son concurrent Savary pour 2,4 milliards d'euros.", RACHAT, "fr"),
    ("La ligne 17 du métro comptera 4 nouvelles stations à partir de 2028.", METRO, "fr"),
    ("À partir de 2028, la ligne 17 du métro sera prolongée de 6 km.", METRO, "fr"),
    ("Sauf avis contraire du médecin, les enfants de moins de cinq ans ne doivent pas recevoir le vaccin.", VACCIN, "fr"),
    ("Le taux de chômage a baissé de 7,4 % en mars à 7,1 % en juin, selon l'institut de statistique.", CHOMAGE, "fr"),
    ("Les fouilles dirigées par Anne Delorme près de Sorvan ont mis au jour une nécropole du IIIe siècle.", FOUILLES, "fr"),
    ("Le barrage de Corvenne fournit de l'électricité à environ 45 000 foyers et la ligne 17 du métro comptera quatre nouvelles stations.", (METRO, BARRAGE), "fr"),
]  # fmt: skip
MORE: list[Case] = [
    ("On Wednesday, the European Commission launched an investigation into the chip maker Lantec.", INQUIRY, "en"),
    ("An investigation into Lantec was opened by the European Commission on Wednesday.", INQUIRY, "en"),
    ("The European Commission is investigating Lantec over suspected abuse of its dominant position.", INQUIRY, "en"),
    ("According to her office, Prime Minister Olga Brandis will travel to Karsia next week to sign a gas agreement.", TRAVEL, "en"),
    ("Brandis's office said that she will go to Karsia next week.", TRAVEL, "en"),
    ("The court found the sanctions against Orvas unlawful because they were adopted without a hearing.", RULING, "en"),
    ("The sanctions against the shipping company Orvas were ruled unlawful by the court.", RULING, "en"),
    ("The court ruled that the sanctions against Orvas were unlawful.", RULING, "en"),
    ("In the first quarter, Norland's economy contracted by 1.4%.", ECONOMY, "en"),
    ("The economy of Norland shrank by 1.4 percent in the first quarter, the worst result since 2009.", ECONOMY, "en"),
    ("Disputes arising from this agreement shall be settled by arbitration in Geneva.", ARBITRATION, "en"),
    ("Any dispute arising out of the agreement must be resolved through arbitration in Geneva.", ARBITRATION, "en"),
    ("If the file does not exist, the function returns an empty list.", FUNCTION, "en"),
    ("An empty list is returned if the file doesn't exist.", FUNCTION, "en"),
    ("The battle of Merrin was fought on June 3, 1644.", BATTLE, "en"),
    ("The battle of Merrin ended in a decisive defeat for the royal army.", BATTLE, "en"),
    ("Fought on 3 June 1644, the battle of Merrin ended with a decisive defeat of the royal army.", BATTLE, "en"),
    ("President Calle demanded that all foreign troops be withdrawn from the northern provinces before any talks could begin.", WITHDRAWAL, "en"),
    ("Calle demanded the withdrawal of all foreign troops from the northern provinces.", WITHDRAWAL, "en"),
    ("The Red Cross said the rebels released 45 hostages on Sunday after mediation by Qatar.", HOSTAGES, "en"),
    ("According to the Red Cross, 45 hostages were freed by the rebels on Sunday.", HOSTAGES, "en"),
    ("A battery that can be charged in six minutes has been developed by researchers at the University of Halden.", BATTERY, "en"),
    ("Researchers at the University of Halden developed a battery that can be charged in 6 minutes.", BATTERY, "en"),
    ("Le président Calle demande le retrait de toutes les troupes étrangères avant l'ouverture des négociations.", RETRAIT, "fr"),
    ("Calle exige que toutes les troupes étrangères se retirent avant l'ouverture des négociations.", RETRAIT, "fr"),
    ("La Commission européenne a ouvert une enquête sur Lantec.", ENQUETE, "fr"),
    ("Une enquête sur le fabricant de puces Lantec a été ouverte mercredi par la Commission européenne.", ENQUETE, "fr"),
    ("En 2023, le chiffre d'affaires du groupe a baissé de 3,2 %, à 1,8 milliard d'euros.", CHIFFRE, "fr"),
    ("Selon le ministre des Affaires étrangères, Paul Verdan, les deux pays ont signé un accord sur l'échange de 200 prisonniers.", PRISONNIERS, "fr"),
    ("Paul Verdan a déclaré que les deux pays ont signé un accord sur l'échange de 200 prisonniers.", PRISONNIERS, "fr"),
    ("Russia wants Ukraine to recognise the annexation of Crimea.", BID, "en"),
    ("Russia wants Ukraine to abandon its bid to join NATO and recognize the annexation of Crimea.", BID, "en"),
    ("Local officials said the ceasefire was broken within hours.", CEASEFIRE, "en"),
    ("The ceasefire took effect at midnight, according to local officials.", CEASEFIRE, "en"),
]  # fmt: skip
UNSEEN: list[Case] = [
    ("Since 1990, the Vessen glacier has lost 40 metres of ice.", GLACIER, "en"),
    ("Scientists warn that the Vessen glacier could disappear by 2060.", GLACIER, "en"),
    ("Train drivers at Corrail will go on strike for 48 hours from Friday.", STRIKE, "en"),
    ("Corrail train drivers will strike for 48 hours starting Friday because the company refused to increase wages by 6 percent.", STRIKE, "en"),
    ("The company refused to raise wages by 6%.", STRIKE, "en"),
    ("The patent was filed by Holm Instruments in 2016.", PATENT, "en"),
    ("Holm Instruments filed the patent in 2016.", PATENT, "en"),
    ("The patent covers a method of cooling batteries using liquid nitrogen.", PATENT, "en"),
    ("Norland promised Karsia 300 tanks at the summit in Dorn.", SUMMIT, "en"),
    ("Belmark refused to send any weapons.", SUMMIT, "en"),
    ("Telvo was fined €85 million by the regulator for selling customers' data without their consent.", FINE, "en"),
    ("The regulator imposed a fine of 85 million euros on Telvo.", FINE, "en"),
    ("A backup can be restored only if the database is stopped first.", BACKUP, "en"),
    ("Administrators can only restore a backup if the database is first stopped.", BACKUP, "en"),
    ("Ida Lorenz was born in Tarn in 1871.", POET, "en"),
    ("The poet Ida Lorenz moved to Sarn at the age of 19.", POET, "en"),
    ("Born in Tarn in 1871, the poet Ida Lorenz moved to Sarn at the age of nineteen.", POET, "en"),
    ("Le loyer est payable d'avance le premier jour de chaque mois.", LOYER, "fr"),
    ("Les conducteurs de Corrail feront grève vendredi.", GREVE, "fr"),
    ("Vendredi, les conducteurs de Corrail seront en grève.", GREVE, "fr"),
    ("Telvo a reçu une amende de 85 millions d'euros pour avoir vendu les données de ses clients.", AMENDE, "fr"),
    ("Le régulateur a infligé à Telvo une amende de 85 millions d'euros.", AMENDE, "fr"),
    ("Une amende de 85 millions d'euros a été infligée à Telvo par le régulateur.", AMENDE, "fr"),
]  # fmt: skip


# The tables and rules were made on CASES, and some of them on MORE. UNSEEN was written last and measured once, so it
# tells what to expect of a new text: half of what is put otherwise is not recognised, and the source is quoted.
@pytest.mark.parametrize(
    ("cases", "wanted"), [(CASES, 0.85), (MORE, 0.65), (UNSEEN, 0.4)], ids=["cases", "more", "unseen"]
)
def test_faithful_paraphrases_pass(cases: list[Case], wanted: float) -> None:
    verdicts = [(case, check(*case)) for case in cases]
    failed = [f"{statement}  <- {verdict.reason}" for (statement, _, _), verdict in verdicts if not verdict.supported]
    share = 1 - len(failed) / len(cases)
    assert share >= wanted, f"{share:.0%} of {len(cases)} pass; these do not:\n" + "\n".join(failed)


@pytest.mark.parametrize(
    ("quote", "language"), dict.fromkeys((quote, language) for _, quote, language in CASES if isinstance(quote, str))
)
def test_a_quote_carries_itself(quote: str, language: str) -> None:
    verdict = check(quote, quote, language)
    assert (verdict.reason, verdict.support, verdict.retold) == (None, 1.0, 1.0)
