"""Addresses of the API of prepaid money."""

from rest_framework.routers import SimpleRouter

from prepaid.api import (
    assignments,
    cases,
    closings,
    custody,
    filings,
    heirs,
    legacy_cards,
    malls,
    reconciliation,
    seals,
    shop_figures,
    successions,
    views,
    warnings,
)

router = SimpleRouter(trailing_slash=False)
router.register("plans", views.Plans, basename="plan")
router.register("prices", views.Prices, basename="price")
router.register("contracts", views.Contracts, basename="contract")
router.register("payments", views.Payments, basename="payment")
router.register("visits", cases.Visits, basename="visit")
router.register("refunds", cases.Refunds, basename="refund")
router.register("assignments", assignments.Assignments, basename="assignment")
router.register("clauses", assignments.Clauses, basename="clause")
router.register("freezes", cases.Freezes, basename="freeze")
router.register("settlements", custody.Settlements, basename="settlement")
router.register("payout-accounts", custody.PayoutAccounts, basename="payout-account")
router.register("debts", custody.Debts, basename="debt")
router.register("custody-checks", custody.CustodyChecks, basename="custody-check")
router.register("custody-warnings", custody.CustodyWarnings, basename="custody-warning")
router.register("custody-accounts", custody.CustodyAccounts, basename="custody-account")
router.register("guarantees", custody.Guarantees, basename="guarantee")
router.register("court-orders", custody.CourtOrders, basename="court-order")
router.register("filings", filings.Filings, basename="filing")
router.register("filing-reports", filings.FilingReports, basename="filing-report")
router.register("successions", successions.Successions, basename="succession")
router.register("legacy-cards", legacy_cards.LegacyCards, basename="legacy-card")
router.register("legacy-uses", legacy_cards.LegacyUses, basename="legacy-use")
router.register("card-imports", legacy_cards.CardImports, basename="card-import")
router.register("heir-claims", heirs.HeirClaims, basename="heir-claim")
router.register("malls", malls.Malls, basename="mall")
router.register("mall-measures", malls.MallMeasures, basename="mall-measure")
router.register("lock-outs", malls.LockOuts, basename="lock-out")
router.register("seals", seals.Seals, basename="seal")
router.register("receipts", seals.Receipts, basename="receipt")
router.register("bank-files", reconciliation.BankFiles, basename="bank-file")
router.register("reconciliation-cases", reconciliation.ReconciliationCases, basename="reconciliation-case")
router.register("suspense-items", reconciliation.SuspenseItems, basename="suspense-item")
router.register("daily-equations", reconciliation.DailyEquations, basename="daily-equation")
router.register("match-rates", reconciliation.MatchRates, basename="match-rate")
router.register("shop-figures", shop_figures.ShopFigures, basename="shop-figure")
router.register("closings", closings.Closings, basename="closing")
router.register("run-offs", closings.RunOffs, basename="run-off")
router.register("risk-warnings", warnings.RiskWarnings, basename="risk-warning")
router.register("risk-scores", warnings.RiskScores, basename="risk-score")
router.register("private-payments", warnings.PrivatePayments, basename="private-payment")
router.register("merchant-links", warnings.MerchantLinks, basename="merchant-link")
router.register("list-imports", warnings.ListImports, basename="list-import")
router.register("listed-merchants", warnings.ListedMerchants, basename="listed-merchant")
urlpatterns = router.urls
