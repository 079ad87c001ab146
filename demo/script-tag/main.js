// A classic script in ECMAScript 5, which needs no build step. `Latchkey` and `<login-button>` come from the script tag.
;(function () {
  'use strict'

  var callApi = document.getElementById('call-api')
  var error = document.getElementById('error')
  var orders = document.getElementById('orders')

  function showOrders(list) {
    orders.textContent = ''
    list.forEach(function (order) {
      var item = document.createElement('li')
      item.textContent = order.id + ' ' + order.status
      orders.appendChild(item)
    })
  }

  document.addEventListener('latchkey:state', function (event) {
    var loggedIn = event.detail.status === 'logged-in'
    callApi.hidden = !loggedIn
    if (!loggedIn) showOrders([])
  })

  function showError(reason) {
    error.textContent = reason.message
  }

  callApi.onclick = function () {
    error.textContent = ''
    Latchkey.client
      .fetch(callApi.getAttribute('data-url'))
      .then(function (response) {
        return response.json()
      })
      .then(function (answer) {
        showOrders(answer.orders)
      }, showError)
  }
})()
