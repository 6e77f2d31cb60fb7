"""Addresses of merchant registration and of the console's pages about the shop itself."""

from django.urls import path

from merchants.views import join, malls, shop

app_name = "merchants"
urlpatterns = [
    path("join/", join.join, name="join"),
    path("join/new/", join.new, name="join_new"),
    path("join/uscc/", join.check_uscc, name="check_uscc"),
    path("join/<int:pk>/", join.status, name="join_status"),
    path("join/<int:pk>/licence/", join.licence, name="join_licence"),
    path("join/<int:pk>/person/", join.person, name="join_person"),
    path("join/<int:pk>/stores/", join.stores, name="join_stores"),
    path("join/<int:pk>/stores/new/", join.store_step, name="join_store_new"),
    path("join/<int:pk>/stores/<int:store_id>/", join.store_step, name="join_store"),
    path("join/<int:pk>/photo/", join.photo, name="join_photo"),
    path("join/<int:pk>/code/", join.send_code, name="join_send_code"),
    path("join/<int:pk>/submit/", join.submit, name="join_submit"),
    path("console/choose/", shop.choose_shop, name="choose_shop"),
    path("console/shop/", shop.profile, name="console_profile"),
    path("console/shop/stores/new/", shop.store, name="store_new"),
    path("console/shop/stores/<int:store_id>/", shop.store, name="store"),
    path("console/shop/stores/<int:store_id>/mall/", malls.store_mall, name="store_mall"),
    path("console/shop/staff/", shop.staff, name="staff"),
    path("console/shop/staff/<int:pk>/pin/", shop.staff_pin, name="staff_pin"),
    path("console/shop/staff/<int:pk>/dismiss/", shop.dismiss, name="dismiss"),
]
